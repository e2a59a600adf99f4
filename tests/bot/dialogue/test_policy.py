"""The table of precedence: signals in, decision out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.dialogue.commands import Command, Kind
from bot.dialogue.decision import Action, Decision, Move
from bot.dialogue.policy import PRECEDENCE, decide
from bot.dialogue.signals import Readability, Reference, Signals
from bot.dialogue.state import Aspect, ConversationState, GuidePosition
from bot.dialogue.thresholds import load_thresholds
from bot.search.types import Ranking, Verdict
from procedures_kb.beyond import BeyondMatch, Subject
from tests.factories import ranking

NEW = ConversationState()
IN_HAND = ConversationState(code="1.000001", history=("1.000001",))
GUIDED = IN_HAND.model_copy(update={"guide": GuidePosition(guide="procedure:1.000001", step="1")})
PAUSED = GUIDED.model_copy(
    update={"guide": GuidePosition(guide="procedure:1.000001", step="1", running=False)}
)
ASKED = ConversationState(asked_about="lam lai giay to", ask_rounds=2)


def decided(state: ConversationState, **signals: Any) -> Decision:
    return decide(state, Signals(**signals), load_thresholds())


def far(found: Ranking) -> Ranking:
    """Return the same, with no name near to the words."""
    return replace(found, hits=tuple(replace(hit, dense=0.4) for hit in found.hits))


def test_the_table_has_no_repeated_row() -> None:
    names = [name for name, _ in PRECEDENCE]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("readability", [Readability.EMPTY, Readability.LONG, Readability.KIND])
def test_what_cannot_be_read_is_said_so(readability: Readability) -> None:
    assert decided(NEW, readability=readability).action is Action.UNREADABLE


def test_an_emergency_comes_before_everything() -> None:
    got = decided(GUIDED, emergency="fire", private=True, said="guide_next", ranking=ranking("1.000001"))
    assert got.action is Action.EMERGENCY


def test_nlu_alone_calls_an_emergency_only_when_search_knows_no_procedure() -> None:
    sure = {"intent": "emergency", "confidence": 0.95}
    assert decided(NEW, **sure).action is Action.EMERGENCY
    asserted = decided(NEW, **sure, residue=("phong", "chay"), ranking=ranking("1.000001"))
    assert asserted.action is Action.ANSWER
    assert decided(NEW, intent="emergency", confidence=0.6).action is not Action.EMERGENCY


def test_private_data_is_refused_before_it_is_used() -> None:
    assert decided(IN_HAND, private=True, aspects=(Aspect.FEE,)).action is Action.REFUSE_PII


@pytest.mark.parametrize(
    ("value", "action"),
    [
        ("menu", Action.MENU),
        ("human", Action.HAND_OFF),
        ("erase", Action.ERASE),
        ("centre", Action.CENTRE),
        ("track", Action.TRACK),
    ],
)
def test_simple_buttons(value: str, action: Action) -> None:
    assert decided(NEW, command=Command(Kind.SAY, value)).action is action


def test_a_picked_choice_is_answered_with_the_aspect_asked_before() -> None:
    state = NEW.model_copy(update={"pending_aspects": (Aspect.FEE,)})
    got = decided(state, command=Command(Kind.PICK, "1.000001"), picked=("1.000001",))
    assert (got.action, got.code, got.aspects) == (Action.ANSWER, "1.000001", (Aspect.FEE,))


def test_none_of_these_asks_once_more_and_then_names_a_person() -> None:
    none = Command(Kind.SAY, "none")
    assert decided(NEW, command=none).action is Action.ASK_BACK
    assert decided(ASKED, command=none).action is Action.HAND_OFF


@pytest.mark.parametrize(
    ("said", "move"),
    [
        ("guide_next", Move.NEXT),
        ("guide_previous", Move.PREVIOUS),
        ("guide_repeat", Move.REPEAT),
        ("guide_stop", Move.STOP),
        ("guide_stuck", Move.STUCK),
        ("affirm", Move.NEXT),
    ],
)
def test_moves_of_a_running_guide(said: str, move: Move) -> None:
    got = decided(GUIDED, said=said)
    assert (got.action, got.move, got.guide) == (Action.GUIDE, move, "procedure:1.000001")


def test_yes_moves_no_guide_that_is_paused() -> None:
    assert decided(PAUSED, said="affirm").action is Action.ACKNOWLEDGE
    assert decided(PAUSED, said="guide_resume").move is Move.RESUME


def test_another_question_is_answered_while_a_guide_runs() -> None:
    got = decided(GUIDED, aspects=(Aspect.FEE,))
    assert (got.action, got.aspects) == (Action.ANSWER, (Aspect.FEE,))


def test_a_follow_up_stays_on_the_procedure() -> None:
    got = decided(IN_HAND, aspects=(Aspect.FEE, Aspect.TIME))
    assert (got.code, got.aspects) == ("1.000001", (Aspect.FEE, Aspect.TIME))


def test_an_aspect_with_another_procedures_name_leaves_it() -> None:
    got = decided(
        IN_HAND, aspects=(Aspect.FEE,), residue=("ket", "hon", "dang", "ky"), ranking=ranking("1.000002")
    )
    assert got.code == "1.000002"


def test_an_aspect_with_words_search_does_not_know_stays() -> None:
    unsure = ranking("1.000002", verdict=Verdict.DECLINE)
    got = decided(IN_HAND, aspects=(Aspect.CONDITIONS,), residue=("truoc", "gio", "dem"), ranking=unsure)
    assert got.code == "1.000001"


def test_nlu_names_the_aspect_where_no_keyword_does() -> None:
    assert decided(IN_HAND, intent="ask_time", confidence=0.8).aspects == (Aspect.TIME,)
    assert decided(IN_HAND, intent="ask_time", confidence=0.2).action is not Action.ANSWER


def test_the_first_thing_asked() -> None:
    state = IN_HAND.model_copy(update={"code": "1.000002", "history": ("1.000001", "1.000002")})
    got = decided(state, reference=Reference.FIRST, aspects=(Aspect.FEE,), residue=("dau", "tien"))
    assert (got.code, got.aspects) == ("1.000001", (Aspect.FEE,))


def test_a_new_question_is_answered_when_search_is_sure() -> None:
    got = decided(NEW, residue=("khai", "sinh"), ranking=ranking("1.000001", "1.000002"))
    assert (got.action, got.code, got.reason) == (Action.ANSWER, "1.000001", "new_procedure")


def test_the_level_that_was_named_comes_first() -> None:
    got = decided(NEW, residue=("bieu", "dien"), level_codes=("1.000004",), ranking=ranking("1.000003"))
    assert got.codes == ("1.000004", "1.000003")


def test_steps_run_as_a_guide() -> None:
    got = decided(IN_HAND, aspects=(Aspect.STEPS,))
    assert (got.guide, got.move) == ("procedure:1.000001", Move.START)


def test_an_unsure_search_asks_back_with_at_most_three_choices() -> None:
    unsure = ranking("1.000001", "1.000002", "1.000003", "1.000005", verdict=Verdict.ASK)
    got = decided(NEW, residue=("giay", "to"), ranking=unsure)
    assert got.action is Action.ASK_BACK
    assert got.choices == ("1.000001", "1.000002", "1.000003")


def test_an_aspect_of_what_is_most_likely_meant_is_answered_with_alternatives() -> None:
    unsure = ranking("1.000001", "1.000002", "1.000003", verdict=Verdict.ASK, sure=0.8)
    got = decided(NEW, aspects=(Aspect.FEE,), residue=("khai", "sinh", "con"), ranking=unsure)
    assert (got.action, got.code) == (Action.ANSWER, "1.000001")
    assert got.choices == ("1.000002", "1.000003")
    assert decided(NEW, residue=("khai", "sinh", "con"), ranking=unsure).action is Action.ASK_BACK
    close = ranking("1.000001", "1.000002", verdict=Verdict.ASK, sure=0.4)
    assert decided(NEW, aspects=(Aspect.FEE,), residue=("a",), ranking=close).action is Action.ASK_BACK


def test_after_two_rounds_a_person_is_named() -> None:
    unsure = ranking("1.000001", "1.000002", verdict=Verdict.ASK)
    assert decided(ASKED, residue=("giay", "to"), ranking=unsure).action is Action.HAND_OFF


def test_an_aspect_alone_asks_for_the_procedure() -> None:
    got = decided(NEW, aspects=(Aspect.FEE,))
    assert (got.action, got.choices, got.aspects) == (Action.ASK_BACK, (), (Aspect.FEE,))


def test_out_of_scope_is_refused_politely() -> None:
    nothing = replace(ranking(verdict=Verdict.DECLINE), in_scope=0.05)
    got = decided(NEW, intent="out_of_scope", confidence=0.9, residue=("thoi", "tiet"), ranking=nothing)
    assert got.action is Action.REFUSE


def test_what_nobody_knows_is_declined() -> None:
    nothing = ranking(verdict=Verdict.DECLINE)
    assert decided(NEW, residue=("xyz",), ranking=nothing).action is Action.DECLINE


def test_a_guide_is_started_by_its_phrases() -> None:
    assert decided(NEW, guide="vneid_install", guide_score=0.9).move is Move.START
    assert decided(NEW, guide="vneid_install", guide_score=0.3, residue=("a",)).action is not Action.GUIDE
    fee = decided(NEW, guide="vneid_install", guide_score=0.9, aspects=(Aspect.FEE,), residue=("a",))
    assert fee.action is not Action.GUIDE


def test_simple_wishes_in_nlus_word_yield_to_a_known_procedure() -> None:
    track = {"intent": "track_dossier", "confidence": 0.9, "residue": ("ho", "so")}
    assert decided(NEW, **track).action is Action.TRACK
    assert decided(NEW, **track, ranking=ranking("1.000001")).action is Action.ANSWER


def test_a_procedure_code_is_enough() -> None:
    got = decided(IN_HAND, named=("1.000002",), aspects=(Aspect.FEE,), residue=("ma",))
    assert (got.code, got.aspects) == ("1.000002", (Aspect.FEE,))


def test_a_dossier_code_is_about_tracking() -> None:
    assert decided(NEW, dossier=True, residue=("ho", "so")).action is Action.TRACK


def test_an_aspect_after_choices_is_answered_for_the_likeliest_one() -> None:
    offered = ("1.000001", "1.000002", "1.000003")
    got = decided(ASKED, aspects=(Aspect.FEE,), offered=offered)
    assert (got.action, got.code, got.choices) == (Action.ANSWER, "1.000001", ("1.000002", "1.000003"))
    assert decided(NEW, aspects=(Aspect.FEE,), offered=offered).action is Action.ASK_BACK


def test_a_choice_said_in_words_is_taken() -> None:
    unsure = ranking("1.000002", "1.000001", verdict=Verdict.ASK, sure=0.8)
    said = {"residue": ("bi", "mat", "giay"), "ranking": unsure}
    got = decided(ASKED, offered=("1.000001", "1.000002"), **said)
    assert (got.action, got.code) == (Action.ANSWER, "1.000002")
    assert decided(ASKED, offered=("1.000003",), **said).action is not Action.ANSWER


def test_an_aspect_that_nlu_is_sure_of_is_answered_beside_the_keywords() -> None:
    asked = {"aspects": (Aspect.TIME,), "residue": ("ket", "hon"), "ranking": ranking("1.000001")}
    both = decided(NEW, intent="ask_conditions", confidence=0.9, **asked)
    assert both.aspects == (Aspect.TIME, Aspect.CONDITIONS)
    assert decided(NEW, intent="ask_conditions", confidence=0.6, **asked).aspects == (Aspect.TIME,)


def test_what_is_known_to_be_none_of_ours_is_said_so() -> None:
    subject = Subject(id="bus_card", subject="thẻ xe buýt", phrases=("a b", "c d", "e f"), near=("1.000002",))
    match = BeyondMatch(subject, ("the", "xe", "buyt"), (1, 4))
    found = ranking("1.000001")
    got = decided(NEW, beyond=match, residue=("the", "xe", "buyt"), ranking=found)
    assert (got.action, got.beyond, got.choices) == (Action.BEYOND, "bus_card", ("1.000002",))
    titled = ranking("1.000001", sure=1.0)
    assert decided(NEW, beyond=match, residue=("a",), ranking=titled).action is Action.ANSWER
    papers = {"beyond": match, "aspects": (Aspect.DOCUMENTS,), "residue": ("buyt",), "ranking": found}
    assert decided(IN_HAND, **papers).action is not Action.BEYOND


def test_under_a_question_back_the_aspect_of_the_likeliest_choice_is_told() -> None:
    asked = {"aspects": (Aspect.FEE,), "residue": ("khai", "sinh", "con")}
    unsure = ranking("1.000001", "1.000002", verdict=Verdict.ASK, sure=0.5)
    got = decided(NEW, ranking=unsure, **asked)
    assert (got.action, got.likely, got.codes) == (Action.ASK_BACK, "1.000001", ())
    far = ranking("1.000001", "1.000002", verdict=Verdict.ASK, sure=0.2)
    assert decided(NEW, ranking=far, **asked).likely is None


def test_small_talk_that_search_does_not_know_is_declined() -> None:
    nothing = replace(ranking("1.000001", "1.000002", verdict=Verdict.ASK), in_scope=0.2)
    said = {"residue": ("ten", "gi"), "ranking": nothing}
    for intent, confidence in (("greet", 0.4), ("ask_result", 0.3), ("out_of_scope", 0.55)):
        assert decided(NEW, intent=intent, confidence=confidence, **said).action in {
            Action.DECLINE,
            Action.REFUSE,
        }
    assert decided(NEW, intent="find_procedure", confidence=0.3, **said).action is Action.ASK_BACK


def test_thanks_before_a_question_are_not_all_that_is_said() -> None:
    said = {"intent": "thanks", "confidence": 0.9, "residue": ("can", "ngheo", "may", "nam")}
    found = ranking("1.000001", "1.000002", verdict=Verdict.ASK, sure=0.5)
    assert decided(NEW, ranking=found, **said).action is Action.THANKS
    assert decided(NEW, ranking=found, aspects=(Aspect.RESULT,), **said).action is Action.ASK_BACK


def test_doubts_about_a_procedure_are_no_scam_check() -> None:
    said = {"intent": "scam_check", "confidence": 0.9, "residue": ("giam", "le", "phi", "mang")}
    ours = ranking("1.000001", "1.000002", verdict=Verdict.ASK, sure=0.5)
    assert decided(NEW, ranking=ours, **said).action is Action.ASK_BACK
    assert decided(NEW, ranking=replace(ours, in_scope=0.2), **said).action is Action.SCAM


def test_nlu_must_be_surer_against_search() -> None:
    said = {"intent": "out_of_scope", "residue": ("bao", "do", "chuong", "giam", "thue")}
    ours = replace(ranking("1.000001", "1.000002", verdict=Verdict.ASK), content=5, in_scope=0.95)
    unclear = replace(ours, in_scope=0.6)
    assert decided(NEW, confidence=0.8, ranking=ours, **said).action is Action.ASK_BACK
    assert decided(NEW, confidence=0.8, ranking=unclear, **said).action is Action.REFUSE
    assert decided(NEW, confidence=0.97, ranking=ours, **said).action is Action.REFUSE
    assert decided(IN_HAND, confidence=0.8, ranking=unclear, **said).action is Action.ASK_BACK


def test_what_search_alone_would_turn_away_is_asked_about_where_nlu_hears_a_service() -> None:
    unlikely = replace(ranking("1.000001", "1.000002", verdict=Verdict.DECLINE, sure=0.1), in_scope=0.1)
    said = {"residue": ("cap", "tren", "xac", "nhan", "hai", "cot"), "ranking": unlikely}
    assert decided(NEW, intent="find_procedure", confidence=0.8, **said).action is Action.ASK_BACK
    assert decided(NEW, intent="find_procedure", confidence=0.2, **said).action is Action.DECLINE
    nowhere = {**said, "ranking": replace(unlikely, in_scope=0.01)}
    assert decided(NEW, intent="find_procedure", confidence=0.8, **nowhere).action is Action.DECLINE


def test_the_procedure_in_hand_is_among_the_choices_where_search_is_not_sure_of_another() -> None:
    said = {"intent": "find_procedure", "confidence": 0.5, "residue": ("xong", "roi", "nguoc", "lai")}
    vague = far(ranking("1.000002", "1.000003", verdict=Verdict.ASK, sure=0.1))
    assert decided(IN_HAND, ranking=vague, **said).choices == ("1.000001", "1.000002", "1.000003")
    better = ranking("1.000002", "1.000003", verdict=Verdict.ASK, sure=0.6)
    assert decided(IN_HAND, ranking=better, **said).choices == ("1.000002", "1.000003")


def test_an_aspect_half_heard_is_of_the_procedure_in_hand_where_search_knows_nothing() -> None:
    nothing = replace(ranking("1.000002", verdict=Verdict.DECLINE), in_scope=0.05)
    said = {"intent": "ask_time", "confidence": 0.45, "residue": ("hom", "nao", "tra", "loi")}
    got = decided(IN_HAND, ranking=nothing, **said)
    assert (got.action, got.codes, got.aspects) == (Action.ANSWER, ("1.000001",), (Aspect.TIME,))
    assert decided(NEW, ranking=nothing, **said).action in {Action.DECLINE, Action.REFUSE}
    known = ranking("1.000002", "1.000003", verdict=Verdict.ASK)
    assert decided(IN_HAND, ranking=known, **said).action is Action.ASK_BACK


def test_a_follow_up_in_many_words_stays_at_hand_unless_search_knows_better() -> None:
    said = {"aspects": (Aspect.CONDITIONS,), "residue": ("tuoi", "con", "cai", "luong", "ngheo")}
    vague = far(ranking("1.000002", "1.000003", verdict=Verdict.ASK, sure=0.2))
    got = decided(IN_HAND, ranking=vague, **said)
    assert (got.codes, got.choices) == (("1.000001",), ("1.000002", "1.000003"))
    better = ranking("1.000002", "1.000003", verdict=Verdict.ASK, sure=0.6)
    assert decided(IN_HAND, ranking=better, **said).action is Action.ASK_BACK
    assert decided(IN_HAND, ranking=ranking("1.000002"), **said).codes[0] == "1.000002"


def test_a_short_name_of_another_procedure_turns_to_it() -> None:
    said = {"aspects": (Aspect.PLACE,), "residue": ("khai", "tu")}
    named = ranking("1.000002", "1.000003", verdict=Verdict.ASK, sure=0.3)
    assert decided(IN_HAND, ranking=named, **said).action is Action.ASK_BACK
    assert decided(IN_HAND, ranking=far(named), **said).codes == ("1.000001",)


def test_a_subject_that_is_not_ours_gives_way_to_a_procedure_all_but_certain() -> None:
    subject = Subject(id="study", subject="đi du học", phrases=("du học đức", "đi du học", "xin du học"))
    said = {"beyond": BeyondMatch(subject, ("du", "hoc"), (0, 2)), "residue": ("bang", "lai", "quoc", "te")}
    assert decided(NEW, ranking=ranking("1.000001", sure=0.98), **said).action is Action.ANSWER
    assert decided(NEW, ranking=ranking("1.000001", sure=0.9), **said).action is Action.BEYOND


def test_a_word_or_two_of_ours_are_asked_about_unless_nlu_is_nearly_sure() -> None:
    short = replace(ranking("1.000001", "1.000002", verdict=Verdict.ASK), content=2)
    said = {"intent": "out_of_scope", "residue": ("quoc", "tich"), "ranking": short}
    assert decided(NEW, confidence=0.8, **said).action is Action.ASK_BACK
    assert decided(NEW, confidence=0.97, **said).action is Action.REFUSE
