"""The features that Rasa's environment gives the search model are those that it was trained on."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from bot.nlu.project import Project
from bot.search.analysis import analyse_question, features
from bot.search.encoder import BuiltInEncoder

FILE = Project.here().rasa / "components" / "near_names.py"
MODEL = Path(__file__).parents[2] / "bot" / "search" / "model"
TEXTS = [
    "Làm hộ chiếu ko dc",
    "le phi khai sinh",
    "đky kết hôn 3.000161 ở đâu?",
    "",
    "🙂",
    "giaays khai sinh",
]


@pytest.fixture
def near_names(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    found = importlib.util.spec_from_file_location("rasa_near_names", FILE)
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    monkeypatch.setitem(sys.modules, module.__name__, module)  # its dataclass asks for its module
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("text", TEXTS)
def test_same_features(near_names: ModuleType, text: str) -> None:
    assert near_names.features(text) == features(analyse_question(text))


def test_same_rows(near_names: ModuleType) -> None:
    encoder = BuiltInEncoder.load()
    vocabulary, rows = near_names.read_model(MODEL)
    assert {feature: place for place, feature in enumerate(vocabulary)} == dict(encoder.ids)
    assert np.array_equal(rows.astype(np.float32), encoder.weights[:, : near_names.DIMENSIONS])
