"""One set of features for "lệ phí" and "le phi": words and characters, folded, and accents beside them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from vietnamese import expand, fold, normalise, syllables

_FILE = "vocabulary.json"
_BLOCKS = ("word", "accented", "characters")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class AccentFoldingFeaturizer(SparseFeaturizer, GraphComponent):
    """Gives tf-idf features of folded, expanded text, each block of unit length times its weight.

    Blocks: `word`, 1- to 3-grams of folded syllables; `accented`, 1- and 2-grams of syllables as written,
    only where the text bears accents; `characters`, n-grams inside folded syllables and across their borders.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what must stand before this component."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults: n-gram lengths, in how many texts a feature must occur, block weights."""
        return {
            **SparseFeaturizer.get_default_config(),
            "sequence": False,  # rows of tokens: several times the work, and only DIET reads them
            "words": [1, 3],
            "accents": [1, 2],
            "characters": [2, 4],
            "min_texts": {"word": 2, "accented": 2, "characters": 3},
            "weights": {"word": 6.0, "accented": 2.0, "characters": 4.0},
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        name: str,
        vocabulary: dict[str, float] | None = None,
    ) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._use(vocabulary or {})

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AccentFoldingFeaturizer:
        """Return an untrained featuriser."""
        return cls(config, model_storage, resource, execution_context.node_name)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ANN401  Rasa's signature
    ) -> AccentFoldingFeaturizer:
        """Return the trained featuriser; raises ValueError where the model holds none."""
        with model_storage.read_from(resource) as directory:
            vocabulary = json.loads((directory / _FILE).read_text(encoding="utf-8"))
        return cls(config, model_storage, resource, execution_context.node_name, vocabulary)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Check that n-gram ranges are ordered; raises ValueError."""
        for key in ("words", "accents", "characters"):
            low, high = config.get(key, (1, 1))
            if not 1 <= low <= high:
                raise ValueError(f"AccentFoldingFeaturizer: {key} must be [low, high] with 1 <= low <= high")

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which features occur and how rare each is, and store it."""
        texts = [example.get(TEXT) for example in training_data.training_examples if example.get(TEXT)]
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update(set(self._features(text)))
        least = self._config["min_texts"]
        vocabulary = {
            feature: round(float(np.log((1 + len(texts)) / (1 + count)) + 1), 4)
            for feature, count in sorted(seen.items())
            if count >= least[feature.split(":", 1)[0]]
        }
        self._use(vocabulary)
        with self._model_storage.write_to(self._resource) as directory:
            content = json.dumps(vocabulary, ensure_ascii=False)
            (directory / _FILE).write_text(content, encoding="utf-8")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to every training example."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add to `messages` one row for the whole text and, where `sequence` is set, a row a token."""
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            tokens = [token.text for token in message.get(TOKENS_NAMES[TEXT]) or []] or [text]
            sequence = self._matrix(tokens) if self._config["sequence"] else None
            self.add_features_to_message(sequence, self._matrix([text]), TEXT, message)
        return messages

    def _use(self, vocabulary: dict[str, float]) -> None:
        self._columns = {feature: column for column, feature in enumerate(vocabulary)}
        self._idf = np.array(list(vocabulary.values()), dtype=np.float64)

    def _matrix(self, texts: Iterable[str]) -> scipy.sparse.csr_matrix:
        columns: list[int] = []
        values: list[float] = []
        ends = [0]
        for text in texts:
            row = self._row(text)
            columns += row
            values += row.values()
            ends.append(len(columns))
        shape = (len(ends) - 1, len(self._columns))
        return scipy.sparse.csr_matrix((values, columns, ends), shape=shape, dtype=np.float64)

    def _row(self, text: str) -> dict[int, float]:
        counts = Counter(self._features(text))
        blocks: dict[str, dict[int, float]] = {block: {} for block in _BLOCKS}
        for feature, count in counts.items():
            column = self._columns.get(feature)
            if column is not None:
                value = (1 + float(np.log(count))) * self._idf[column]
                blocks[feature.split(":", 1)[0]][column] = float(value)
        row: dict[int, float] = {}
        for block, entries in blocks.items():
            length = sum(value * value for value in entries.values()) ** 0.5
            weight = self._config["weights"][block]
            row.update({column: weight * value / length for column, value in entries.items()})
        return row

    def _features(self, text: str) -> Iterator[str]:
        written = ["9" if unit[0].isdigit() else unit for unit in syllables(expand(normalise(text)))]
        folded = [fold(unit) for unit in written]
        if not folded:
            return
        edged = ["<", *folded, ">"]
        yield from _grams("word", edged, self._config["words"])
        if folded != written:
            yield from _grams("accented", written, self._config["accents"])
        line = f" {' '.join(folded)} "
        low, high = self._config["characters"]
        for size in range(low, high + 1):
            for start in range(len(line) - size + 1):
                yield f"characters:{line[start : start + size]}"


def _grams(block: str, units: list[str], lengths: list[int]) -> Iterator[str]:
    for size in range(lengths[0], lengths[1] + 1):
        for start in range(len(units) - size + 1):
            yield f"{block}:{' '.join(units[start : start + size])}"
