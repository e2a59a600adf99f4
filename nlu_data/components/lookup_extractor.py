"""Entities from lookup tables, found with and without accents, in time that does not grow with the tables."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from vietnamese import fold, normalise

_FILE = "lookups.json"
_SYLLABLE = re.compile(r"[^\W_]+", re.UNICODE)
_LEAST_SYLLABLES = 2


@dataclass(frozen=True)
class _Entry:
    kind: str
    name: str


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class FoldedLookupExtractor(GraphComponent, EntityExtractorMixin):
    """Finds the longest names of the lookup tables in a text, syllable by syllable.

    A span matches by its accents where it bears any, and by its folded form where it bears none; the value is
    the name as the table writes it. Names of one syllable are left out: they would match inside other words.
    """

    def __init__(self, model_storage: ModelStorage, resource: Resource, tables: dict[str, list[str]]) -> None:
        self._model_storage = model_storage
        self._resource = resource
        self._use(tables)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FoldedLookupExtractor:
        """Return an extractor without names."""
        return cls(model_storage, resource, {})

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ANN401  Rasa's signature
    ) -> FoldedLookupExtractor:
        """Return the extractor with its names; raises ValueError where the model holds none."""
        with model_storage.read_from(resource) as directory:
            tables = json.loads((directory / _FILE).read_text(encoding="utf-8"))
        return cls(model_storage, resource, tables)

    def train(self, training_data: TrainingData) -> Resource:
        """Take the names from the lookup tables of the training data, and store them."""
        tables: dict[str, list[str]] = {}
        for table in training_data.lookup_tables:
            tables.setdefault(table["name"], []).extend(table["elements"])
        self._use(tables)
        with self._model_storage.write_to(self._resource) as directory:
            (directory / _FILE).write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what is found to the entities of each message."""
        for message in messages:
            found = self.add_extractor_name(self._find(message.get(TEXT) or ""))
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def _use(self, tables: dict[str, list[str]]) -> None:
        self._names: dict[tuple[str, ...], list[_Entry]] = {}
        for kind, names in tables.items():
            for name in names:
                key = tuple(fold(unit) for unit in _SYLLABLE.findall(normalise(name)))
                if len(key) >= _LEAST_SYLLABLES:
                    self._names.setdefault(key, []).append(_Entry(kind, name))
        self._longest = max(map(len, self._names), default=0)

    def _find(self, text: str) -> list[dict[str, Any]]:
        units = list(_SYLLABLE.finditer(text))
        folded = [fold(unit.group()) for unit in units]
        found: list[dict[str, Any]] = []
        index = 0
        while index < len(units):
            for size in range(min(self._longest, len(units) - index), _LEAST_SYLLABLES - 1, -1):
                start, end = units[index].start(), units[index + size - 1].end()
                entry = self._match(tuple(folded[index : index + size]), text[start:end])
                if entry is not None:
                    found.append({"entity": entry.kind, "value": entry.name, "start": start, "end": end})
                    index += size - 1
                    break
            index += 1
        return found

    def _match(self, key: tuple[str, ...], span: str) -> _Entry | None:
        entries = self._names.get(key, [])
        if fold(span) == span.lower():
            return entries[0] if entries else None
        written = _SYLLABLE.findall(normalise(span).lower())
        return next((e for e in entries if _SYLLABLE.findall(normalise(e.name).lower()) == written), None)
