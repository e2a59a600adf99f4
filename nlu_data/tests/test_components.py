"""Runs in Rasa's environment: PYTHONPATH=nlu_data:. nlu_data/.venv/bin/python -m pytest nlu_data/tests."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from components.accent_folding_featurizer import AccentFoldingFeaturizer
from components.lookup_extractor import FoldedLookupExtractor
from components.text_features import BLOCKS
from components.vietnamese_tokenizer import VietnameseTokenizer
from components.word_classes import WordClasses, read_classes
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

TEXTS = [
    "lệ phí cấp hộ chiếu",
    "le phi cap ho chieu",
    "đăng ký kết hôn ở đâu",
    "thời tiết hôm nay",
    "cháy nhà",
]
CONTEXT = ExecutionContext(GraphSchema({}), node_name="component")


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    return LocalModelStorage.create(tmp_path)


def tokens(text: str) -> list:
    message = Message(data={TEXT: text})
    VietnameseTokenizer(VietnameseTokenizer.get_default_config()).process([message])
    return message.get("text_tokens")


@pytest.mark.parametrize(
    "text",
    [
        *TEXTS,
        "Thủ tục 1.001193, mã 000.00.17.H56-251120-0001?",
        "  hai   khoảng trắng\nxuống dòng ",
        "kết hôn với người Đài Loan 😀!!!",
        "thủ tục",  # decomposed letters
        "...",
        "a" * 500,
    ],
)
def test_offsets_fit_the_text(text: str) -> None:
    found = tokens(text)
    assert all(text[token.start : token.end] == token.text for token in found)
    covered = {place for token in found for place in range(token.start, token.end)}
    assert {place for place, letter in enumerate(text) if letter.isalnum()} <= covered
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_words_where_accents_are_and_syllables_where_not() -> None:
    assert "hộ chiếu" in [token.text for token in tokens("lệ phí cấp hộ chiếu")]
    assert [token.text for token in tokens("le phi cap ho chieu")] == ["le", "phi", "cap", "ho", "chieu"]


def featurizer(storage: LocalModelStorage) -> AccentFoldingFeaturizer:
    least = dict.fromkeys(BLOCKS, 1)
    config = {**AccentFoldingFeaturizer.get_default_config(), "min_texts": least}
    component = AccentFoldingFeaturizer.create(config, storage, Resource("featurizer"), CONTEXT)
    component.train(TrainingData([Message(data={TEXT: text}) for text in TEXTS]))
    return component


def sentence_row(component: AccentFoldingFeaturizer, text: str) -> np.ndarray:
    message = Message(data={TEXT: text})
    component.process([message])
    return message.get_sparse_features(TEXT)[1].features.toarray()[0]


def test_same_features_with_and_without_accents_but_for_the_accented_block(
    storage: LocalModelStorage,
) -> None:
    component = featurizer(storage)
    accented = [name.startswith("accented:") for name in component._columns]
    with_accents = sentence_row(component, "lệ phí hộ chiếu")
    without = sentence_row(component, "le phi ho chieu")
    assert np.allclose(with_accents[~np.array(accented)], without[~np.array(accented)])
    assert with_accents[np.array(accented)].any()
    assert not without[np.array(accented)].any()


def test_short_forms_are_written_out(storage: LocalModelStorage) -> None:
    component = featurizer(storage)
    assert np.allclose(sentence_row(component, "đky kết hôn"), sentence_row(component, "đăng ký kết hôn"))


def test_features_survive_storage_and_unknown_text(storage: LocalModelStorage) -> None:
    component = featurizer(storage)
    config = AccentFoldingFeaturizer.get_default_config()
    loaded = AccentFoldingFeaturizer.load(config, storage, Resource("featurizer"), CONTEXT)
    assert np.allclose(sentence_row(loaded, TEXTS[0]), sentence_row(component, TEXTS[0]))
    assert not sentence_row(loaded, "🙂").any()
    with storage.read_from(Resource("featurizer")) as folder:
        assert json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))


def test_wrong_ranges_are_refused() -> None:
    with pytest.raises(ValueError, match="characters"):
        AccentFoldingFeaturizer.validate_config({"characters": [3, 2]})


@pytest.fixture
def extractor(storage: LocalModelStorage) -> FoldedLookupExtractor:
    tables = [
        {"name": "commune", "elements": ["Thọ Xuân", "Đông Sơn", "Huế"]},
        {"name": "procedure", "elements": ["hộ chiếu", "cấp hộ chiếu"]},
    ]
    component = FoldedLookupExtractor.create({}, storage, Resource("lookup"), CONTEXT)
    component.train(TrainingData([], lookup_tables=tables))
    return FoldedLookupExtractor.load({}, storage, Resource("lookup"), CONTEXT)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cấp hộ chiếu ở Thọ Xuân", [("procedure", "cấp hộ chiếu"), ("commune", "Thọ Xuân")]),
        ("cap ho chieu o tho xuan", [("procedure", "cấp hộ chiếu"), ("commune", "Thọ Xuân")]),
        ("thợ xuân", []),
        ("đồng sơn", []),
        ("tôi ở Huế", []),
        ("", []),
    ],
)
def test_lookup(extractor: FoldedLookupExtractor, text: str, found: list[tuple[str, str]]) -> None:
    message = Message(data={TEXT: text})
    extractor.process([message])
    entities = message.get(ENTITIES)
    assert [(entity["entity"], entity["value"]) for entity in entities] == found
    assert all(text[entity["start"] : entity["end"]].strip() for entity in entities)


CLASSES = WordClasses.of({"out.food": ["mực nướng", "gà"], "asked.fee": ["giá"]})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            ["mực", "nướng", "giá", "bao", "nhiêu"],
            {"#out.food", "#asked.fee", "#asked.fee #out.food", "< #out.food"},
        ),
        (["muc", "nuong", "gia"], {"#out.food"}),  # one bare syllable may be any word
        (["gà"], {"#out.food"}),
        (["gã"], set()),
        ([], set()),
    ],
)
def test_word_classes(text: list[str], found: set[str]) -> None:
    features = set(CLASSES.find(text))
    assert found <= features
    assert features & {"#out.food", "#asked.fee"} == found & {"#out.food", "#asked.fee"}


def test_word_classes_of_the_project_and_wrong_ones(tmp_path: Path) -> None:
    classes = read_classes(Path(__file__).parents[1] / "word_classes.yaml")
    assert all(phrase for phrases in classes.values() for phrase in phrases)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("- food", encoding="utf-8")
    with pytest.raises(ValueError, match="must hold groups"):
        read_classes(wrong)
