"""Every entry of keywords.yaml runs its own sentences: as written, and the examples without accents too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.nlu.keyword_data import Entry, load_data
from bot.nlu.keywords import DATA_FILE, Keywords
from procedures_kb.aspect import Aspect
from procedures_kb.catalogue import load as load_catalogue
from procedures_kb.lay_names import load as load_lay_names
from vietnamese import fold

KEYWORDS = Keywords.load()
DATA = load_data(DATA_FILE)
MOVES = {name for name in DATA.intents if name.startswith("guide_") and name != "guide_request"} | {
    "check_dossier",
    "helper_mode",
    "have_paper",
    "lack_paper",
}


def _aspect_entries() -> Iterator[tuple[Aspect, Entry]]:
    for aspect, entries in DATA.aspects.items():
        for entry in entries:
            yield aspect, entry


def _named(data: dict[str, tuple[Entry, ...]]) -> Iterator[tuple[str, Entry]]:
    for name, entries in data.items():
        for entry in entries:
            yield name, entry


def _bare(entry: Entry) -> list[str]:
    """Return the examples without accents, none where the phrases need theirs."""
    return [] if entry.accented_only else [fold(text) for text in entry.examples]


def _id(value: object) -> str:
    return value.phrases[0] if isinstance(value, Entry) else str(value)


@pytest.mark.parametrize(("aspect", "entry"), list(_aspect_entries()), ids=_id)
def test_aspect_fires_on_its_examples(aspect: Aspect, entry: Entry) -> None:
    read = KEYWORDS.weak_aspects if entry.weak else KEYWORDS.aspects
    assert [text for text in entry.examples if aspect not in read(text)] == []
    assert [text for text in _bare(entry) if aspect not in read(text)] == []


@pytest.mark.parametrize(("aspect", "entry"), list(_aspect_entries()), ids=_id)
def test_aspect_is_silent_on_its_counterexamples(aspect: Aspect, entry: Entry) -> None:
    assert [text for text in entry.rejects if aspect in KEYWORDS.aspects(text)] == []


@pytest.mark.parametrize(("name", "entry"), list(_named(DATA.intents)), ids=_id)
def test_intent(name: str, entry: Entry) -> None:
    assert [text for text in entry.examples if KEYWORDS.intent(text) != name] == []
    assert [text for text in _bare(entry) if KEYWORDS.intent(text) != name] == []
    assert [text for text in entry.rejects if KEYWORDS.intent(text) == name] == []


@pytest.mark.parametrize(("key", "entry"), list(_named(DATA.emergency)), ids=_id)
def test_emergency(key: str, entry: Entry) -> None:
    assert [text for text in entry.examples if KEYWORDS.emergency(text) != key] == []
    assert [text for text in _bare(entry) if KEYWORDS.emergency(text) != key] == []
    assert [text for text in entry.rejects if KEYWORDS.emergency(text)] == []


def test_every_aspect_has_phrases() -> None:
    assert set(DATA.aspects) == set(Aspect)


@pytest.mark.parametrize(
    ("text", "aspects"),
    [
        ("thế cần giấy tờ gì và mất bao lâu", (Aspect.DOCUMENTS, Aspect.TIME)),
        ("mất bao lâu, lệ phí bao nhiêu", (Aspect.TIME, Aspect.FEE)),
        (
            "lam o dau, het bao nhieu tien, co nop online duoc khong",
            (Aspect.PLACE, Aspect.FEE, Aspect.ONLINE),
        ),
        ("tờ khai mẫu nào, theo luật nào", (Aspect.FORM, Aspect.LEGAL_BASIS)),
    ],
)
def test_several_aspects_in_order_of_mention(text: str, aspects: tuple[Aspect, ...]) -> None:
    assert KEYWORDS.aspects(text) == aspects


@pytest.mark.parametrize(
    ("text", "residue"),
    [
        ("thế lệ phí bao nhiêu vậy ạ", ()),
        ("the le phi bao nhieu vay a", ()),
        ("cần giấy tờ gì", ()),
        ("can giay to gi", ()),
        ("mất mấy ngày vậy em", ()),
        ("có nộp online được không", ()),
        ("làm thế nào", ()),
        ("cho em hỏi thủ tục này nộp ở đâu ạ", ()),
        ("lệ phí cấp hộ chiếu phổ thông", ("cap", "ho", "chieu", "pho", "thong")),
        ("dang ky ket hon o dau", ("dang", "ky", "ket", "hon")),
        ("làm lại căn cước bị mất cần giấy tờ gì", ("can", "cuoc", "mat")),
    ],
)
def test_residue(text: str, residue: tuple[str, ...]) -> None:
    assert KEYWORDS.residue(text) == residue


@pytest.mark.parametrize(
    ("text", "aspects"),
    [
        ("tờ khai lấy ở đâu", (Aspect.FORM,)),
        ("giấy đó lấy ở đâu", (Aspect.PLACE,)),
        ("thu phí theo thông tư nào", (Aspect.LEGAL_BASIS,)),
        ("nộp qua mạng có được không", (Aspect.ONLINE,)),
        ("đất vườn có được không", (Aspect.CONDITIONS,)),
    ],
)
def test_a_way_of_asking_yields_to_what_is_asked_for(text: str, aspects: tuple[Aspect, ...]) -> None:
    assert KEYWORDS.aspects(text) == aspects
    assert KEYWORDS.aspects(fold(text)) == aspects


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("tôi nhập mã xong rồi", "guide_next"),
        ("nhập mã", None),
        ("quay lại chỗ nhập mã", "guide_previous"),
        ("kiểm tra hồ sơ", "track_dossier"),
        ("kiểm tra hồ sơ đủ chưa", "check_dossier"),
        ("mai làm tiếp", "guide_stop"),
        ("làm tiếp phần hôm qua", "guide_resume"),
        ("có", "affirm"),
        ("có giấy đó", "have_paper"),
        ("giúp mẹ kích hoạt vneid", "guide_request"),
    ],
)
def test_words_beside_a_phrase_say_nothing_alone(text: str, intent: str | None) -> None:
    assert KEYWORDS.intent(text) == intent


@pytest.mark.parametrize("text", ["", "   ", "???", "😀", "*", "a" * 2000])
def test_nothing_in_nothing(text: str) -> None:
    assert KEYWORDS.aspects(text) == ()
    assert KEYWORDS.intent(text) is None
    assert KEYWORDS.emergency(text) is None


def test_phrases_match_whole_syllables_only() -> None:
    assert Aspect.FEE not in KEYWORDS.aspects("xem phim ở rạp")
    assert KEYWORDS.emergency("chạy nhà xe") is None


def test_wrong_data_is_named(tmp_path: Path) -> None:
    wrong = tmp_path / "keywords.yaml"
    wrong.write_text("shields: 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"keywords\.yaml is not valid"):
        Keywords.load(wrong)


def test_no_name_of_a_procedure_is_an_emergency() -> None:
    keywords = Keywords.load()
    lay = [name for entry in load_lay_names() for name in entry.names]
    official = [text for procedure in load_catalogue() for text in (procedure.name, procedure.short_name)]
    alarms = [text for name in (*lay, *official) for text in (name, fold(name)) if keywords.emergency(text)]
    assert alarms == []


def test_no_lay_name_is_a_move_of_a_guide() -> None:
    names = [name for entry in load_lay_names() for name in entry.names]
    said = {text: KEYWORDS.intent(text) for name in names[::3] for text in (name, fold(name))}
    assert {text: name for text, name in said.items() if name in MOVES} == {}
