from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.search.analysis import analyse_question
from bot.search.corpus import Corpus
from bot.search.marks import FamilyMarks, MarkWeights, load_marks
from procedures_kb.catalogue import Catalogue
from tests.factories import procedure
from vietnamese import fold

WEIGHTS = MarkWeights(action_cued=0.5, action_uncued=0.3, special_cued=0.2, special_uncued=0.3)
NAMES = (
    "Cấp giấy phép lái xe",
    "Cấp lại giấy phép lái xe",
    "Cấp mới, cấp lại giấy phép bán rượu",
    "Đăng ký kết hôn có yếu tố nước ngoài",
    "Gia hạn giấy phép lao động cho người nước ngoài",
)


@pytest.fixture(scope="module")
def marks() -> FamilyMarks:
    records = tuple(procedure(f"1.00000{at}", name) for at, name in enumerate(NAMES))
    return FamilyMarks.of(Corpus.of(Catalogue(records), {}))


def cued(marks: FamilyMarks, text: str) -> set[str]:
    data = load_marks()
    names = (*data.actions, *data.special)
    return {names[at] for at in np.flatnonzero(marks.cues_of(analyse_question(text)))}


def shift(marks: FamilyMarks, text: str) -> list[float]:
    found = marks.shift(analyse_question(text), np.arange(len(NAMES)), WEIGHTS)
    return [round(float(value), 2) for value in found]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("bằng lái bị mất", {"again"}),
        ("bang lai bi mat", {"again"}),
        ("làm bằng lái mất bao lâu", set()),
        ("giấy phép sắp hết hạn", {"renew"}),
        ("lấy vợ Đài Loan", {"foreign"}),
        ("lay vo dai loan", {"foreign"}),
        ("quán ở miền Tây", set()),
        ("phòng cháy chữa cháy", set()),
        ("tạm nghỉ bán ít bữa", {"pause"}),
        ("bán kem dưỡng da", set()),
        ("làm kèm hai thủ tục", {"linked"}),
    ],
)
def test_questions_cue_marks(marks: FamilyMarks, text: str, names: set[str]) -> None:
    assert cued(marks, text) == names


def test_a_mark_gains_where_it_is_cued_and_loses_where_not(marks: FamilyMarks) -> None:
    assert shift(marks, "thi bằng lái xe") == [0.0, -0.3, 0.0, -0.3, -0.6]
    assert shift(marks, "làm mất bằng lái xe") == [0.0, 0.5, 0.5, -0.3, -0.6]
    assert shift(marks, "cưới chồng người Mỹ") == [0.0, -0.3, 0.0, 0.2, -0.1]


def test_every_phrase_is_folded_or_accented_alike() -> None:
    data = load_marks()
    for name, mark in {**data.actions, **data.special}.items():
        for phrases in (mark.name, mark.cues, mark.unlike):
            assert len({fold(phrase) for phrase in phrases}) == len(phrases), name


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "actions.yaml"
    file.write_text("actions: {again: {name: [], cues: []}}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"actions\.yaml"):
        load_marks(file)
