"""Intents by small neural networks over the sparse features of the whole text."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.network import Networks, Settings

_FILE = "networks.npz"
_RANKING = "intent_ranking"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NetworkClassifier(IntentClassifier, GraphComponent):
    """Several networks that answer together; kept as plain arrays, learnt in some minutes of one core.

    `networks` is how many, `temperature` what their confidences are divided by (see `Networks`),
    `ranking_length` how many intents are told, `learning` what differs from `components.network.Settings`.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Return what must stand before this component."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the defaults."""
        return {"networks": 3, "temperature": 1.0, "ranking_length": 5, "learning": {}}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        networks: Networks | None = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._networks = networks

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NetworkClassifier:
        """Return an untrained classifier."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,  # noqa: ANN401  Rasa's signature
    ) -> NetworkClassifier:
        """Return the trained classifier; raises ValueError where the model holds none."""
        component = cls(config, model_storage, resource)
        with (
            model_storage.read_from(resource) as directory,
            np.load(directory / _FILE, allow_pickle=False) as stored,
        ):
            arrays = {name: stored[name] for name in stored.files}
        component._networks = Networks(arrays, component._config["temperature"])
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the featurised examples, and store what was learnt; raises ValueError where none is."""
        examples = [e for e in training_data.intent_examples if e.get(INTENT) and e.get(TEXT)]
        if not examples:
            raise ValueError("NetworkClassifier: no example with an intent to learn from")
        self._networks = Networks.learn(
            _rows(examples),
            [example.get(INTENT) for example in examples],
            self._config["networks"],
            Settings(**self._config["learning"]),
            self._config["temperature"],
        )
        with self._model_storage.write_to(self._resource) as directory:
            np.savez(directory / _FILE, **self._networks.arrays)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the likeliest intent and the ranking of each message that has features."""
        told = [message for message in messages if message.get_sparse_features(TEXT)[1]]
        if self._networks is None or not told:
            return messages
        for message, shares in zip(told, self._networks.predict_proba(_rows(told)), strict=True):
            best = np.argsort(-shares)[: self._config["ranking_length"]]
            ranking = [
                {"name": str(self._networks.classes_[place]), "confidence": float(shares[place])}
                for place in best
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(_RANKING, ranking, add_to_output=True)
        return messages


def _rows(messages: list[Message]) -> scipy.sparse.csr_matrix:
    """Return the sparse features of the whole texts, a row a message."""
    found = [message.get_sparse_features(TEXT)[1] for message in messages]
    return scipy.sparse.vstack([one.features for one in found]).tocsr()
