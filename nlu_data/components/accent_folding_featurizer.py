"""One set of features for "lệ phí" and "le phi": folded words and characters, and what the keywords see."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
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
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.near_names import NearNames, read_model
from components.phrase_flags import read_phrases
from components.text_features import BLOCKS, Knowledge, common_syllables, features
from components.word_classes import read_classes

_FILE = "vocabulary.json"
_NEAR_FILE = "near_names.npz"
_PHRASES = Path(__file__).parents[2] / "bot" / "nlu" / "keywords.yaml"
_CLASSES = Path(__file__).parents[1] / "word_classes.yaml"
_SEARCH_MODEL = Path(__file__).parents[2] / "bot" / "search" / "model"
_NOTHING_KNOWN = Knowledge(
    {},
    {
        key: {} if key == "labels" else []
        for key in ("labels", "shields", "subjects", "calm", "noise", "polite")
    },
)
_NOTHING_NEAR = NearNames({}, np.zeros((1, 1), np.float16), {}, np.zeros((0, 1), np.float32))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class AccentFoldingFeaturizer(SparseFeaturizer, GraphComponent):
    """Gives tf-idf features of folded, expanded text, each block of unit length times its weight.

    Blocks: `word`, 1- to 3-grams of folded syllables; `accented`, 1- and 2-grams of syllables as written,
    only where the text bears accents; `characters`, n-grams inside folded syllables and across their borders;
    `slot`, as `word` with the kind in place of names of procedures and communes; `cover`, how much of the
    text stands in such names; `flag`, the phrases of the keywords and what is left beside them; `class`, what
    words are about by `word_classes.yaml`; `near`, how near the names of procedures are in the search model.
    Names come from the lookup tables of the training data, and all that is needed is kept in the model.
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
            "common_intents": 8,  # a syllable of so many intents carries no subject
            "min_texts": dict.fromkeys(BLOCKS, 4),  # a sentence and its twin make two
            "weights": dict(zip(BLOCKS, (0.6, 0.2, 0.4, 0.4, 0.2, 0.4, 0.5, 0.5), strict=True)),
        }

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        name: str,
        learnt: tuple[Knowledge, dict[str, float], NearNames] | None = None,
    ) -> None:
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._knowledge, vocabulary, self._near = learnt or (_NOTHING_KNOWN, {}, _NOTHING_NEAR)
        self._use(vocabulary)

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
            stored = json.loads((directory / _FILE).read_text(encoding="utf-8"))
            with np.load(directory / _NEAR_FILE, allow_pickle=False) as arrays:
                near = NearNames.of(arrays["vocabulary"].tolist(), arrays["rows"], arrays["names"].tolist())
        patterns = [(kind, pattern) for kind, pattern in stored["patterns"]]
        knowledge = Knowledge(
            stored["names"], stored["phrases"], frozenset(stored["common"]), patterns, stored["classes"]
        )
        learnt = (knowledge, stored["vocabulary"], near)
        return cls(config, model_storage, resource, execution_context.node_name, learnt)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Check that n-gram ranges are ordered; raises ValueError."""
        for key in ("words", "accents", "characters"):
            low, high = config.get(key, (1, 1))
            if not 1 <= low <= high:
                raise ValueError(f"AccentFoldingFeaturizer: {key} must be [low, high] with 1 <= low <= high")

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which features occur and how rare each is, and store it."""
        examples = [
            (e.get(TEXT), e.get(INTENT) or "") for e in training_data.training_examples if e.get(TEXT)
        ]
        texts = [text for text, _ in examples]
        names: dict[str, list[str]] = {}
        for table in training_data.lookup_tables:
            names.setdefault(table["name"], []).extend(table["elements"])
        common = common_syllables(examples, self._config["common_intents"])
        patterns = [(entry["name"], entry["pattern"]) for entry in training_data.regex_features]
        self._knowledge = Knowledge(names, read_phrases(_PHRASES), common, patterns, read_classes(_CLASSES))
        self._near = NearNames.of(*read_model(_SEARCH_MODEL), names.get("procedure", []))
        seen: Counter[str] = Counter()
        for text in texts:
            seen.update(self._features(text).keys())
        least = self._config["min_texts"]
        vocabulary = {
            feature: round(float(np.log((1 + len(texts)) / (1 + count)) + 1), 4)
            for feature, count in sorted(seen.items())
            if count >= least[feature.split(":", 1)[0]]
        }
        self._use(vocabulary)
        with self._model_storage.write_to(self._resource) as directory:
            stored = {
                "vocabulary": vocabulary,
                "names": names,
                "phrases": dict(self._knowledge.phrases),
                "common": sorted(common),
                "patterns": patterns,
                "classes": dict(self._knowledge.classes),
            }
            (directory / _FILE).write_text(json.dumps(stored, ensure_ascii=False), encoding="utf-8")
            np.savez(directory / _NEAR_FILE, **self._near.arrays())
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
        counts = self._features(text)
        blocks: dict[str, dict[int, float]] = {block: {} for block in BLOCKS}
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

    def _features(self, text: str) -> Counter[str]:
        found = features(text, self._knowledge, self._config)
        if found:
            found.update(f"near:{feature}" for feature in self._near.find(text))
        return found
