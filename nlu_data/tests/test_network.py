"""The networks learn, learn the same again, and keep what they learnt in storage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from components.network import Networks, Settings
from components.network_classifier import NetworkClassifier
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

QUICK = {"hidden": 8, "epochs": 40, "batch": 4, "warm_up": 5}
ROWS = scipy.sparse.csr_matrix(np.repeat(np.eye(3), 6, axis=0))
INTENTS = [intent for intent in "abc" for _ in range(6)]
CONTEXT = ExecutionContext(GraphSchema({}), node_name="component")


def learnt(temperature: float = 1.0) -> Networks:
    return Networks.learn(ROWS, INTENTS, 2, Settings(**QUICK), temperature)


def test_networks_learn_and_their_confidences_add_up_to_one() -> None:
    said = learnt().predict_proba(ROWS)
    assert said.shape == (18, 3)
    assert np.allclose(said.sum(axis=1), 1)
    assert [learnt().classes_[place] for place in said.argmax(axis=1)] == INTENTS


def test_the_same_rows_give_the_same_networks() -> None:
    one, other = learnt().arrays, learnt().arrays
    assert all((one[name] == other[name]).all() for name in one)


def test_temperature_changes_how_sure_and_not_what() -> None:
    cold, warm = learnt(0.5).predict_proba(ROWS), learnt(2.0).predict_proba(ROWS)
    assert (cold.argmax(axis=1) == warm.argmax(axis=1)).all()
    assert (cold.max(axis=1) > warm.max(axis=1)).all()


def test_a_text_without_any_known_feature_is_answered() -> None:
    said = learnt().predict_proba(scipy.sparse.csr_matrix((1, 3)))
    assert np.isfinite(said).all()
    assert said.sum() == pytest.approx(1)


def message(row: scipy.sparse.csr_matrix, intent: str | None = None) -> Message:
    found = Message(data={TEXT: "một câu"} | ({INTENT: intent} if intent else {}))
    found.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, "test"))
    return found


def test_the_classifier_survives_storage(tmp_path: Path) -> None:
    storage = LocalModelStorage.create(tmp_path)
    config = NetworkClassifier.get_default_config() | {"networks": 2, "ranking_length": 2, "learning": QUICK}
    trained = NetworkClassifier.create(config, storage, Resource("networks"), CONTEXT)
    trained.train(TrainingData([message(ROWS[place], intent) for place, intent in enumerate(INTENTS)]))
    loaded = NetworkClassifier.load(config, storage, Resource("networks"), CONTEXT)
    answers = [component.process([message(ROWS[7])])[0] for component in (trained, loaded)]
    assert [answer.get(INTENT)["name"] for answer in answers] == ["b", "b"]
    assert answers[0].get("intent_ranking") == answers[1].get("intent_ranking")
    assert len(answers[0].get("intent_ranking")) == 2
    assert answers[0].get(INTENT) == answers[0].get("intent_ranking")[0]


def test_without_examples_or_features_nothing_is_claimed(tmp_path: Path) -> None:
    storage = LocalModelStorage.create(tmp_path)
    untrained = NetworkClassifier.create({}, storage, Resource("networks"), CONTEXT)
    with pytest.raises(ValueError, match="no example"):
        untrained.train(TrainingData([]))
    assert untrained.process([message(ROWS[0])])[0].get(INTENT) is None
