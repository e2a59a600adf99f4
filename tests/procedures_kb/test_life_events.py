"""The life events as they stand: what starts one, what does not, and that the records support every word."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.dialogue.decision import Action
from bot.dialogue.policy import decide
from bot.dialogue.signals import Signals
from bot.dialogue.state import ConversationState
from bot.dialogue.thresholds import load_thresholds
from bot.nlu.keywords import Keywords
from procedures_kb import catalogue, lay_names
from procedures_kb.cards import EVENTS
from procedures_kb.catalogue import Catalogue
from procedures_kb.life_events import BrokenLifeEvent, LifeEvent, LifeEvents, load, wrongs
from tests import factories
from vietnamese import fold, normalise, syllables

ALL = load()
SLOTS = ALL.words.slots
SENTENCES = yaml.safe_load(Path(__file__).with_name("life_event_sentences.yaml").read_text(encoding="utf-8"))
SAID = [(text, event) for event, texts in SENTENCES["events"].items() for text in texts]
MISSED = [text for texts in SENTENCES["missed"].values() for text in texts]
# Lay names that do tell of a death and ask for all of it: the list begins with the procedure they name.
REVIEWED = {
    "bà mất rồi phải làm giấy tờ gì",
    "người nhà mới mất phải ra xã làm giấy gì",
}
SLOWEST = 0.001  # seconds a match; about 0.0002 on two idle cores, and builds share theirs
MOST_SYLLABLES = 22  # of a sentence that is shown
PLAIN_QUOTES = str.maketrans({"“": '"', "”": '"'})
_keywords = cache(Keywords.load)
_limits = cache(load_thresholds)


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    if not any(catalogue.CATALOGUE.glob("*.jsonl")):
        pytest.skip("the catalogue is not built: run `troly kb build --from DIR`")
    return catalogue.load()


def started(text: str) -> str | None:
    """The event that the policy offers for `text` where nothing else is known of it."""
    match = ALL.match(text)
    if match is None:
        return None
    signals = Signals(event=match, residue=_keywords().residue(text))
    decision = decide(ConversationState(), signals, _limits())
    return decision.event if decision.action is Action.LIFE_EVENT else None


def key(text: str) -> str:
    return " ".join(syllables(fold(normalise(text))))


def filled(phrase: str) -> str:
    """`phrase` with the first word of each slot in it."""
    return phrase.format_map({"start": "", "end": "", **{name: words[0] for name, words in SLOTS.items()}})


def shown(event: LifeEvent) -> list[str]:
    """Every text of an event that a person reads."""
    tasks = [text for task in event.tasks for text in (task.why, task.when) if text]
    return [event.title, event.intro, *tasks, *([event.closing] if event.closing else [])]


# ---- what starts an event ----------------------------------------------------------------------------------


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_has_sentences_that_are_no_phrase_of_it(event: str) -> None:
    texts = SENTENCES["events"][event]
    assert len(texts) >= 8
    assert {key(text) for text in texts}.isdisjoint(key(phrase) for phrase in ALL.by_id[event].phrases)


@pytest.mark.parametrize(("text", "event"), SAID)
def test_what_people_say_starts_the_event(text: str, event: str) -> None:
    assert started(text) == event
    assert started(fold(text).upper()) == event


@pytest.mark.parametrize("event", EVENTS)
def test_every_phrase_starts_its_own_event(event: str) -> None:
    for phrase in ALL.by_id[event].phrases:
        assert (phrase, started(filled(phrase))) == (phrase, event)
        assert (phrase, started(fold(filled(phrase)))) == (phrase, event)


@pytest.mark.parametrize("text", MISSED)
def test_known_failures_still_fail(text: str) -> None:
    assert started(text) is None, "it works now: move it to `events`"


# ---- what does not -----------------------------------------------------------------------------------------


def test_there_are_enough_ordinary_questions() -> None:
    assert len(set(map(key, SENTENCES["none"]))) >= 60


@pytest.mark.parametrize("text", SENTENCES["none"])
def test_a_question_for_one_procedure_starts_no_event(text: str) -> None:
    assert started(text) is None
    assert started(fold(text)) is None


def offenders(names: Iterable[str]) -> list[tuple[str, str]]:
    """Those of `names` that start an event, as written or without accents, with the event."""
    texts = [text for name in names for text in (name, fold(name))]
    return [(text, event) for text in texts if ALL.match(text) and (event := started(text))]


def test_no_lay_name_starts_an_event() -> None:
    names = {name for entry in lay_names.load() for name in entry.names}
    assert offenders(names - REVIEWED) == []


def test_reviewed_lay_names_are_few_and_still_tell_of_a_death() -> None:
    assert len(REVIEWED) <= 5
    assert {started(name) for name in REVIEWED} == {"death"}
    assert {name for entry in lay_names.load() for name in entry.names} >= REVIEWED


def test_no_name_of_a_procedure_starts_an_event(shipped: Catalogue) -> None:
    assert offenders({name for p in shipped for name in (p.name, p.short_name)}) == []


@pytest.mark.parametrize("text", ["", "   ", "???", "👍", "1", "a" * 2000])
def test_nothing_to_match_matches_nothing(text: str) -> None:
    assert ALL.match(text) is None


def test_the_longest_phrase_wins_and_tells_what_was_said() -> None:
    match = ALL.match("Vợ tôi VỪA SINH em bé")
    assert match is not None
    assert match.event.id == "birth"
    assert match.said >= {"vua", "sinh"}


def test_persons_and_times_anywhere_are_no_content_left_over() -> None:
    match = ALL.match("tháng sau em trai của vợ tôi cưới vợ")
    assert match is not None
    assert match.said >= {"thang", "sau", "em", "trai", "vo", "toi", "cuoi"}


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("bố tôi mất vì bệnh", "death"),
        ("bố tôi mất ví", "lost_papers"),
        ("bò nhà tôi mới mất", None),
        ("bố nhà tôi mới mất", "death"),
        ("bố tôi vua mat", "death"),  # accents in part: the words of the phrase bear none
        ("vợ tôi vua sinh", "birth"),
        ("vợ tôi vưa sinh", None),  # one wrong accent is another word
        ("anh ơi tui lam roi vi", "lost_papers"),
        ("con bò nhà tôi mới sinh", None),
    ],
)
def test_accents_count_where_the_sentence_has_them(text: str, event: str | None) -> None:
    assert started(text) == event


@pytest.mark.parametrize("thing", ["thẻ", "xe", "hồ sơ", "hộ chiếu", "bằng", "điện thoại", "sổ"])
def test_what_somebody_owns_is_lost_and_nobody_has_died(thing: str) -> None:
    for text in (f"{thing} của mẹ tôi mất rồi phải làm sao", f"{thing} vợ em mới mất"):
        assert started(text) is None
        assert started(fold(text)) is None


def test_a_death_to_come_is_not_condoled() -> None:
    assert started("bố tôi sắp mất") is None
    assert started("mẹ tôi bệnh nặng") is None


def test_a_birth_to_come_is_an_event() -> None:
    assert started("vợ tôi sắp sinh") == "birth"


@pytest.mark.parametrize(
    "text",
    ["mới " + "tôi " * 600, "mới " * 600, "bố mẹ tôi một cái " * 120, "sắp em mới tôi vừa mình " * 100],
)
def test_words_without_end_are_read_in_time(text: str) -> None:
    begun = time.process_time()
    assert ALL.match(text) is None
    assert time.process_time() - begun < 1


def test_a_match_takes_less_than_a_millisecond() -> None:
    texts = [text for text, _ in SAID] + SENTENCES["none"]
    rounds = []
    for _ in range(5):
        begun = time.process_time()
        for text in texts:
            ALL.match(text)
        rounds.append((time.process_time() - begun) / len(texts))
    assert min(rounds) < SLOWEST


def test_a_lost_thing_is_no_death() -> None:
    things = ["ví", "xe máy", "thẻ căn cước", "giấy tờ", "sổ đỏ", "bằng lái", "điện thoại", "tiền", "nhẫn"]
    for thing in things:
        for person in ("bố tôi mất", "mẹ em mới mất", "anh trai tôi vừa mất", "chồng tôi mất"):
            assert started(f"{person} {thing}") != "death", f"{person} {thing}"
            assert started(fold(f"{person} {thing}")) != "death", f"{person} {thing}"


# ---- the texts ---------------------------------------------------------------------------------------------


def test_all_events_are_there_in_their_order() -> None:
    assert tuple(ALL.by_id) == EVENTS


def test_the_records_support_every_event(shipped: Catalogue) -> None:
    assert list(wrongs(ALL, shipped)) == []


@pytest.mark.parametrize("event", ALL.by_id.values(), ids=lambda event: event.id)
def test_texts_are_short_plain_and_spelled_canonically(event: LifeEvent) -> None:
    texts = shown(event)
    assert [t for t in texts if normalise(t) != t.translate(PLAIN_QUOTES)] == []
    sentences = [s for text in texts for s in text.split(". ")]
    assert [s for s in sentences if len(syllables(s)) > MOST_SYLLABLES] == []
    assert [t for t in texts[1:] if not t.endswith((".", "!"))] == []
    assert not event.title.endswith(".")


@pytest.mark.parametrize("event", ALL.by_id.values(), ids=lambda event: event.id)
def test_an_event_names_no_task_and_no_phrase_twice(event: LifeEvent) -> None:
    codes = [task.code for task in event.tasks]
    assert len(set(codes)) == len(codes)
    phrases = [key(phrase) for phrase in event.phrases]
    assert sorted({p for p in phrases if phrases.count(p) > 1}) == []


def test_every_list_of_things_is_used_and_no_word_stands_in_it_twice() -> None:
    phrases = " ".join(phrase for event in ALL.by_id.values() for phrase in event.phrases)
    assert [name for name in ALL.words.things if f"{{{name}}}" not in phrases] == []
    assert [name for name, words in SLOTS.items() if len(set(map(normalise, words))) < len(words)] == []


def test_a_code_that_cannot_be_served_and_a_strange_number_are_named() -> None:
    small = Catalogue((factories.birth(), factories.procedure("1.000002", detail="name_only")))
    tasks = [
        {"code": "1.000001", "why": "Nên đi trong 77 ngày."},
        {"code": "1.000002", "why": "Việc thứ hai."},
        {"code": "9.999999", "why": "Việc thứ ba."},
    ]
    broken = LifeEvent.model_validate(small_event() | {"tasks": tasks})
    found = dict(wrongs(LifeEvents({"birth": broken}), small))
    assert "77" in found["birth.1.000001"]
    assert "only the name" in found["birth.1.000002"]
    assert "no such procedure" in found["birth.9.999999"]
    assert found["moving"] == "has no file"


def test_a_phrase_of_two_events_is_named() -> None:
    first = LifeEvent.model_validate(small_event())
    second = LifeEvent.model_validate(small_event() | {"id": "moving"})
    found = dict(wrongs(LifeEvents({"birth": first, "moving": second}), Catalogue(())))
    assert "stands in birth too" in found["moving.phrases"]


# ---- the schema --------------------------------------------------------------------------------------------


def small_event() -> dict[str, Any]:
    return {
        "id": "birth",
        "title": "Việc nhỏ",
        "intro": "Đây là việc nhỏ.",
        "phrases": [f"việc nhỏ số {number}" for number in range(5)],
        "tasks": [{"code": f"1.00000{number}", "why": "Để thử."} for number in (1, 2, 3)],
    }


def written(folder: Path, **changes: object) -> Path:
    """Write the small event with `changes`; None takes a key away."""
    event = {name: value for name, value in (small_event() | changes).items() if value is not None}
    (folder / "birth.yaml").write_text(yaml.safe_dump(event, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_small_folder_loads(tmp_path: Path) -> None:
    events = load(written(tmp_path, unless=["khai sinh"], closing="Xong rồi."))
    assert list(events.by_id) == ["birth"]
    assert events.match("viec nho so 3") is not None
    assert events.match("việc nhỏ số 3 khai sinh") is None


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"title": None}, ["title"]),
        ({"title": "a" * 61}, ["title"]),
        ({"intro": None}, ["intro"]),
        ({"phrases": ["một", "hai"]}, ["phrases"]),
        ({"tasks": [{"code": "1.000001", "why": "Để thử."}]}, ["tasks"]),
        ({"tasks": [{"code": "1.1", "why": "Để thử."}] * 3}, ["tasks.0.code"]),
        ({"tasks": [{"code": "1.000001"}] * 3}, ["tasks.0.why"]),
        ({"tasks": [{"code": f"1.00000{n}", "why": "Để thử."} for n in range(7)]}, ["tasks"]),
        ({"id": "party"}, ["id", "not a life event", "birth"]),
        ({"id": "death"}, ["death", "name the file after it"]),
        ({"frases": []}, ["frases"]),
        ({"phrases": [f"việc nhỏ số {number}" for number in range(31)]}, ["phrases"]),
        ({"phrases": ["{nobody} mới sinh", "b", "c", "d", "e"]}, ["phrases", "no slot nobody", "person"]),
        ({"phrases": ["{person} {end} mới sinh", "b", "c", "d", "e"]}, ["phrases", "{end} last"]),
        ({"phrases": ["{person} {recent}", "b", "c", "d", "e"]}, ["phrases", "says who and when only"]),
    ],
)
def test_what_is_wrong_in_a_file_is_named(
    tmp_path: Path, changes: dict[str, object], reasons: list[str]
) -> None:
    with pytest.raises(BrokenLifeEvent) as error:
        load(written(tmp_path, **changes))
    for reason in ["birth.yaml", *reasons]:
        assert reason in str(error.value)


def test_text_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    (tmp_path / "birth.yaml").write_text("id: [", encoding="utf-8")
    with pytest.raises(BrokenLifeEvent, match=r"birth\.yaml"):
        load(tmp_path)


def test_what_is_wrong_in_the_words_is_named(tmp_path: Path) -> None:
    words = tmp_path / "words.yaml"
    with pytest.raises(BrokenLifeEvent, match=r"words\.yaml: missing"):
        load(written(tmp_path), words)
    words.write_text("people: [tôi]", encoding="utf-8")
    with pytest.raises(BrokenLifeEvent, match=r"words\.yaml: people"):
        load(written(tmp_path), words)
    words.write_text("times: {recent: [mới]}", encoding="utf-8")
    with pytest.raises(BrokenLifeEvent, match=r"words\.yaml: times\.coming"):
        load(written(tmp_path), words)
