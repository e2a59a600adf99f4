"""The citizens' calibration questions: enough of each kind, known codes, in no other data, official facts."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from bot.search.gate import exemplars
from evaluation.calibration.authors import AuthorKind, author_questions
from evaluation.calibration.questions import (
    CITIZENS,
    DEV,
    CitizenQuestion,
    Drawn,
    Style,
    author_cases,
    citizen_cases,
    citizen_questions,
    shared_data,
)
from evaluation.facts import contains
from evaluation.questions import BrokenBenchmark, Kind, read_questions
from procedures_kb import catalogue, lay_names
from procedures_kb.catalogue import Catalogue
from vietnamese import fold, normalise

ENOUGH = {Kind.FIND: 200, Kind.ASPECT: 60, Kind.AMBIGUOUS: 45, Kind.ABSENT: 50, Kind.OUT_OF_SCOPE: 45}
OFFICIAL = shared_data() / "catalogue" / "merged_procedures.jsonl.gz"
FREE_OF_NUMBERS = {"trực tuyến": "truc_tuyen", "trực tiếp": "truc_tiep"}


@cache
def questions() -> tuple[CitizenQuestion, ...]:
    return citizen_questions()


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return catalogue.load()


def of(kind: Kind) -> list[CitizenQuestion]:
    return [question for question in questions() if question.kind is kind]


def test_each_kind_has_enough() -> None:
    counts = Counter(question.kind for question in questions())
    assert {kind: counts[kind] for kind in ENOUGH if counts[kind] < ENOUGH[kind]} == {}


def test_each_file_holds_its_kind() -> None:
    for file in CITIZENS:
        kinds = {question.kind for question in read_questions(file)}
        assert file.stem == f"citizen_{next(iter(kinds))}" and len(kinds) == 1


def test_ids_and_texts_stand_once() -> None:
    for values in (Counter(q.id for q in questions()), Counter(plain(q.text) for q in questions())):
        assert [value for value, count in values.items() if count > 1] == []


def test_codes_are_of_served_families(known: Catalogue) -> None:
    served = {member.code for members in known.families.values() for member in members}
    assert {code for question in questions() for code in question.gold} <= served


def test_gold_holds_whole_families(known: Catalogue) -> None:
    for question in questions():
        families = {known.by_code[code].family for code in question.gold}
        assert {m.code for f in families for m in known.families[f]} == set(question.gold), question.id


def test_ambiguous_ones_fit_two_families_at_least(known: Catalogue) -> None:
    for question in of(Kind.AMBIGUOUS):
        assert len({known.by_code[code].family for code in question.gold}) >= 2, question.id


def test_absent_and_out_of_scope_have_no_gold() -> None:
    assert not any(question.gold for kind in (Kind.ABSENT, Kind.OUT_OF_SCOPE) for question in of(kind))


def test_find_questions_are_spread(known: Catalogue) -> None:
    find = of(Kind.FIND)
    drawn = Counter(question.drawn for question in find)
    assert None not in drawn
    assert drawn[Drawn.COMMUNE] >= 50 and drawn[Drawn.PROVINCE] >= 25
    assert len({known.by_code[question.gold[0]].field for question in find}) >= 70
    assert {question.style for question in find} == set(Style)


def test_aspects_are_spread() -> None:
    assert len({question.aspect for question in of(Kind.ASPECT)}) >= 9


def test_no_question_is_a_name_or_a_lay_name(known: Catalogue) -> None:
    taken = {plain(p.name) for p in known} | {plain(p.short_name) for p in known}
    longer = {
        plain(name) for names in lay_names.by_family(lay_names.load(), known).values() for name in names
    }
    for question in of(Kind.FIND):
        assert plain(question.text) not in taken | longer, question.id


def test_no_question_is_fitted_on_elsewhere() -> None:
    folder = DEV.parent
    rows = [
        json.loads(line) for name in (DEV, folder / "gate_fit.jsonl") for line in name.open(encoding="utf-8")
    ]
    used = {plain(row["question"]) for row in rows} | {plain(line) for line in exemplars()}
    allowed = {Kind.AMBIGUOUS}  # bare names of papers, which anybody types
    for question in questions():
        assert question.kind in allowed or plain(question.text) not in used, question.id


def test_cases_carry_families(known: Catalogue) -> None:
    cases = citizen_cases(known)
    assert {case.kind for case in cases} == {"citizen", "aspect", "ambiguous", "absent", "out"}
    assert all(case.families for case in cases if case.kind in {"citizen", "aspect", "ambiguous"})


def test_a_broken_line_is_named(tmp_path, monkeypatch) -> None:  # noqa: ANN001
    file = tmp_path / "citizen_find.jsonl"
    file.write_text('{"id": "x", "text": "a", "kind": "find", "gold": ["1.001193"]}\n', encoding="utf-8")
    monkeypatch.setattr("evaluation.calibration.questions.CITIZENS", (file,))
    with pytest.raises(BrokenBenchmark, match=r"citizen_find\.jsonl:1.*style"):
        citizen_questions()


@pytest.mark.data
@pytest.mark.skipif(not OFFICIAL.exists(), reason=f"needs the official texts, {OFFICIAL}")
def test_expected_facts_stand_in_the_official_text() -> None:
    texts = official()
    missing = [
        (question.id, fact)
        for question in of(Kind.ASPECT)
        for fact in question.answer_facts
        if not any(contains(texts.get(code, ""), fact) for code in question.gold)
    ]
    assert missing == []


def official() -> dict[str, str]:
    """Return the text of each record: every string, each time with its unit, each channel by its name."""
    with gzip.open(OFFICIAL, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    extra = OFFICIAL.with_name("details_extra.jsonl")
    rows += [json.loads(line) for line in extra.open(encoding="utf-8")] if extra.exists() else []
    texts: dict[str, str] = {}
    for row in rows:
        times = [f"{_number(m.get('time_value'))} {m.get('time_unit')}" for m in row.get("methods") or []]
        channels = [
            name for name, channel in FREE_OF_NUMBERS.items() if channel in json.dumps(row["methods"])
        ]
        raw = json.dumps(row, ensure_ascii=False)
        texts[row["code"]] = " ".join([texts.get(row["code"], ""), raw, *times, *channels])
    return texts


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def plain(text: str) -> str:
    return fold(normalise(text)).strip()


def test_the_authors_questions_are_many_of_known_codes_and_dealt_in_two(known: Catalogue) -> None:
    theirs = author_questions()
    assert len({fold(question.text) for question in theirs}) == len(theirs) == 1240
    assert Counter(question.kind for question in theirs) == {
        AuthorKind.ASPECT: 700,
        AuthorKind.ODD: 180,
        AuthorKind.OUT_OF_SCOPE: 180,
        AuthorKind.FIND: 120,
        AuthorKind.AMBIGUOUS: 60,
    }
    assert not {code for question in theirs for code in question.codes if code not in known.by_code}
    assert 0.4 < sum(question.half == "tune" for question in theirs) / len(theirs) < 0.6
    assert len(author_cases(known)) == sum(q.half == "tune" and not q.in_hand for q in theirs)


def test_an_authors_line_that_is_no_question_is_refused_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "authors.jsonl"
    file.write_text('{"author": "a", "kind": "find", "text": "làm căn cước"}\n{"kind": "find"}\n', "utf-8")
    with pytest.raises(BrokenBenchmark, match=r"authors.jsonl:2: \('author',\)"):
        author_questions(file)
