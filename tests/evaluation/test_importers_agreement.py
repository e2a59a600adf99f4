"""The measurement of the importers' agreement: how it counts, and what it finds on the genuine samples."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from evaluation import importers
from evaluation.importers import BEGIN, END, Agreement, Difference, Outcome, Reason, Told, reason_of
from evaluation.importers_page import NoPlace, put, tables

SHARED = Path(os.environ.get("TROLY_SHARED", Path(__file__).parents[3] / "shared")) / "data"
DOCS = Path(__file__).parents[2] / importers.DOCS

DIFFERENCE = Difference("9.000001", ("pdf_detail", "merged"), "times", ("online 3 day",), ())


def _told(source: str, times: str) -> Told:
    facts = {aspect: frozenset({"same"}) for aspect in importers.ASPECTS} | {"times": frozenset({times})}
    return Told("9.000001", source, facts)


def test_agreement_counts_each_aspect() -> None:
    (found,) = importers._pairs(
        [_told("merged", "5 day"), _told("pdf_detail", "3 day")], tuple(importers.ASPECTS)
    )
    assert found.sources == ("pdf_detail", "merged")
    assert found.agreed["times"] == 0 and found.agreed["name"] == 1
    assert [(d.aspect, d.only_first, d.only_second) for d in found.differences] == [
        ("times", ("3 day",), ("5 day",))
    ]


def test_a_reason_belongs_to_its_code_sources_and_aspect() -> None:
    reason = Reason(code="9.000001", sources=("pdf_detail", "merged"), aspects=("times",), vi="a", en="b")
    assert reason_of(DIFFERENCE, [reason]) is reason
    assert reason_of(DIFFERENCE, [reason.model_copy(update={"aspects": ("fees",)})]) is None
    assert reason_of(DIFFERENCE, [reason.model_copy(update={"code": "9.000002"})]) is None


def test_page_shows_the_unexplained_and_stands_between_its_marks() -> None:
    outcome = Outcome(
        (Agreement(("pdf_detail", "merged"), 1, {"times": 0}, (DIFFERENCE,)),), {"pdf_detail": 1}, {}
    )
    page = put(f"a\n{BEGIN}\nold\n{END}\nb\n", tables(outcome, ()))
    assert "chưa giải thích" in page and "0/1" in page and "old" not in page
    with pytest.raises(NoPlace):
        put("nothing", "x")


def test_reasons_are_sound_and_the_docs_have_their_place() -> None:
    known = importers.reasons()
    assert all(reason.vi and reason.en for reason in known)
    text = DOCS.read_text("utf-8")
    assert BEGIN in text and END in text and "chưa giải thích" not in text


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not there: the samples are not in git")
def test_every_difference_of_the_samples_is_explained() -> None:
    outcome = importers.measure(SHARED / "portal_formats", SHARED / "catalogue", date(2026, 11, 22))
    known = importers.reasons()
    differences = [one for agreement in outcome.agreements for one in agreement.differences]
    assert [one for one in differences if reason_of(one, known) is None] == []
    pdf = next(one for one in outcome.agreements if one.sources == ("pdf_detail", "merged"))
    assert pdf.codes == 14 and all(count >= 13 for count in pdf.agreed.values())
