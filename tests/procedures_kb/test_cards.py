"""The shipped cards: how many, right, each in its own words, and short enough for a button."""

from __future__ import annotations

import itertools
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from procedures_kb.card_check import CardReport, check_cards
from procedures_kb.cards import CARDS, EVENTS, BrokenCard, Card, card_files, load
from procedures_kb.catalogue import load as load_catalogue
from vietnamese import fold, normalise, syllables

MAX_LABEL = 40
# Measured on 22 November 2026 over 188 cards, 1,185 sentences, 700,000 pairs: the two most alike share 0.67
# of the shorter one's runs of three syllables ("chưa nộp lệ phí trước bạ"), 3 pairs reach 0.6, none 0.7.
# A sentence that was copied and changed in one word stands above 0.8.
NEARLY_THE_SAME = 0.8
FEWEST_RUNS = 4  # a sentence of five syllables is too short to say whose it is


@pytest.fixture(scope="module")
def shipped() -> Mapping[str, Card]:
    return load()


@pytest.fixture(scope="module")
def report() -> CardReport:
    return check_cards(load_catalogue())


def test_the_shipped_cards_are_many_and_without_problem(report: CardReport) -> None:
    assert report.problems == ()
    assert len(report.cards) >= 150


def test_every_life_event_has_cards(report: CardReport) -> None:
    assert report.events == frozenset(EVENTS)


def test_every_file_stands_in_an_area_under_its_code() -> None:
    files = card_files()
    assert len({file.stem for file in files}) == len(files)
    assert all(file.parent.parent == CARDS for file in files)


def own_words(card: Card) -> Iterator[tuple[str, str]]:
    yield from (("what", card.what), ("who", card.who))
    yield from (("mistakes", mistake.say) for mistake in card.mistakes)
    yield from (("advice", advice) for advice in card.advice)


def runs(text: str) -> frozenset[tuple[str, ...]]:
    units = syllables(fold(text))
    return frozenset(zip(units, units[1:], units[2:], strict=False))


def overlap(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> float:
    """Return the share of the shorter one's runs of three syllables that the other has too."""
    return len(one & other) / min(len(one), len(other))


def alike(cards: Mapping[str, Card], threshold: float) -> list[tuple[float, str, str]]:
    told = [(card.code, text, runs(text)) for card in cards.values() for _, text in own_words(card)]
    told = [row for row in told if len(row[2]) >= FEWEST_RUNS]
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, (_, _, own) in enumerate(told):
        for run in own:
            holders[run].append(number)
    pairs = {pair for numbers in holders.values() for pair in itertools.combinations(numbers, 2)}
    found = []
    for one, other in pairs:
        (code, text, own), (other_code, other_text, others) = told[one], told[other]
        if code != other_code and (share := overlap(own, others)) >= threshold:
            found.append((share, f"{code}: {text}", f"{other_code}: {other_text}"))
    return sorted(found, reverse=True)


def test_no_two_cards_say_nearly_the_same(shipped: Mapping[str, Card]) -> None:
    assert alike(shipped, NEARLY_THE_SAME) == []


def test_a_copied_sentence_would_be_found(shipped: Mapping[str, Card]) -> None:
    first, second, *_ = shipped.values()
    copied = second.model_copy(update={"what": f"{first.what.removesuffix('.')} nhé."})
    assert alike({first.code: first, second.code: copied}, NEARLY_THE_SAME)


def test_labels_fit_a_button_and_differ(shipped: Mapping[str, Card]) -> None:
    for card in shipped.values():
        labels = [fold(case.label) for case in card.cases]
        assert all(len(case.label) <= MAX_LABEL for case in card.cases), card.code
        assert len(set(labels)) == len(labels), card.code


def test_no_case_lists_a_paper_twice(shipped: Mapping[str, Card]) -> None:
    for card in shipped.values():
        for case in card.cases:
            said = [line.say for line in case.papers]
            assert len(set(said)) == len(said), (card.code, case.id)


def test_the_texts_are_in_our_spelling(shipped: Mapping[str, Card]) -> None:
    for card in shipped.values():
        for text in (card.rest or "", *(text for _, text in own_words(card)), *(c.label for c in card.cases)):
            plain = unicodedata.normalize("NFC", text)
            assert plain == text, card.code
            assert fold(normalise(text)) == fold(text).translate(str.maketrans("–—“”‘’", "--\"\"''")), text


def test_siblings_tell_each_other_apart(shipped: Mapping[str, Card]) -> None:
    for card in shipped.values():
        codes = [sibling.code for sibling in card.siblings]
        assert len(set(codes)) == len(codes), card.code


def test_loading_names_the_file_that_is_broken(tmp_path: Path) -> None:
    (tmp_path / "area").mkdir()
    (tmp_path / "area" / "1.000001.yaml").write_text("code: '1.000001'", encoding="utf-8")
    with pytest.raises(BrokenCard, match=r"1\.000001\.yaml"):
        load(tmp_path)


def test_loading_refuses_two_cards_of_one_code(tmp_path: Path) -> None:
    for area in ("one", "two"):
        (tmp_path / area).mkdir()
        (tmp_path / area / card_files()[0].name).write_text(card_files()[0].read_text("utf-8"), "utf-8")
    with pytest.raises(BrokenCard, match="has another card"):
        load(tmp_path)
