"""Every written guide, walked on every way: no dead end, no way lost, and nothing forgotten on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import bot.replies
from bot.assistant import Assistant, Turn
from bot.dialogue.decision import Move
from bot.dialogue.guide import AskView, GuideView, Node, StepView, walk
from bot.dialogue.guide_writer import GuideWriter
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.state import ConversationState, GuidePosition
from bot.messages import Message, MessageKind, Reply
from bot.privacy import mask
from bot.search.types import Ranking, Verdict
from procedures_kb import guides
from tests.bot.dialogue.true_check import kept
from vietnamese import fold

NAMES = list(guides.load())
SHORTEST_WAY, LONGEST_WAY = 3, 10
MOST_NODES = 16
MARRIAGE = "1.000894"


class Nothing:
    """A search that finds nothing."""

    def search(self, text: str, limit: int = 10) -> Ranking:
        return Ranking((), Verdict.DECLINE, 0.0, 0.0, 0, ())


@dataclass(frozen=True)
class Visited:
    """A node on a way: the state there, and what was said."""

    state: ConversationState
    node: str
    reply: Reply


@pytest.fixture(scope="module")
def writer(shipped_assistant: Assistant) -> GuideWriter:
    return shipped_assistant.composer.guides


@pytest.fixture(scope="module")
def after_restart(shipped_knowledge: Knowledge) -> GuideWriter:
    """The writer of another process: nothing is shared but the files."""
    built = Assistant.build(shipped_knowledge.catalogue, Nothing(), None, known=shipped_knowledge)
    return built.composer.guides


def view_of(writer: GuideWriter, name: str) -> GuideView:
    view = writer.book.view(name)
    assert view is not None
    return view


def restarted(state: ConversationState) -> ConversationState:
    return ConversationState.model_validate_json(state.model_dump_json())


def says_no_more(back: Reply, before: Reply) -> bool:
    """Return whether each line was said before: the opening and the help of a question may be left out."""
    return back.text != "" and set(back.text.splitlines()) <= set(before.text.splitlines())


def node_of(state: ConversationState) -> str:
    assert state.guide is not None
    return state.guide.step


def ways(writer: GuideWriter, name: str) -> Iterator[list[Visited]]:
    """Yield every way from the first node to the end, with what was said at each node."""
    view = view_of(writer, name)
    reply, state = writer.turn(ConversationState(), name, Move.START, None)
    waiting = [[Visited(state, node_of(state), reply)]]
    while waiting:
        way = waiting.pop()
        assert len(way) <= MOST_NODES, f"{name}: no end after {[v.node for v in way]}"
        here = way[-1]
        asked = view.ask(here.node[1:]) if here.node.startswith("?") else None
        options = [o.id for o in asked.options if o.go is None] if asked else [None]
        assert options, f"{name}: nobody gets beyond {here.node}"
        for option in options:
            move = Move.CHOOSE if asked else Move.NEXT
            reply, state = writer.turn(here.state, None, move, option)
            if state.guide is None:
                assert view.done in reply.text
                yield way
            else:
                waiting.append([*way, Visited(state, node_of(state), reply)])


def nodes(writer: GuideWriter, name: str) -> dict[str, Visited]:
    """Return every node of the guide, once for each set of answers with which it is reached."""
    found: dict[str, Visited] = {}
    for way in ways(writer, name):
        for visited in way:
            guide = visited.state.guide
            found.setdefault(f"{visited.node} {dict(guide.answers) if guide else {}}", visited)
    return found


# ---- ways ------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_way_comes_to_its_end(name: str, writer: GuideWriter) -> None:
    view, seen = view_of(writer, name), set()
    for way in ways(writer, name):
        steps = [visited.node for visited in way if not visited.node.startswith("?")]
        assert SHORTEST_WAY <= len(steps) <= LONGEST_WAY, steps
        assert len({visited.node for visited in way}) == len(way), "no node stands twice"
        seen |= {visited.node for visited in way}
    assert {*(s.node for s in view.steps), *(a.node for a in view.asks)} - seen == set(), "never reached"


@pytest.mark.parametrize("name", NAMES)
def test_every_step_says_all_of_it(name: str, writer: GuideWriter) -> None:
    view = view_of(writer, name)
    by_node: Mapping[str, StepView] = {step.node: step for step in view.steps}
    for way in ways(writer, name):
        shown = [visited for visited in way if visited.node in by_node]
        for number, visited in enumerate(shown, start=1):
            step = by_node[visited.node]
            assert f"Bước {number}/{len(shown)}: {step.do}" in visited.reply.text or _open(view, visited)
            assert all(part in visited.reply.text for part in (step.do, step.where or "", step.see or ""))


def _open(view: GuideView, visited: Visited) -> bool:
    """Return whether questions are still open: the count is that of the longest way then."""
    guide = visited.state.guide
    return guide is not None and {ask.id for ask in view.asks} - set(guide.answers) != set()


def test_what_leads_into_another_guide_comes_back(writer: GuideWriter) -> None:
    led = 0
    for name in NAMES:
        for visited in nodes(writer, name).values():
            asked = view_of(writer, name).ask(visited.node.removeprefix("?"))
            for option in asked.options if asked and visited.node.startswith("?") else ():
                if option.go is None:
                    continue
                led += 1
                reply, state = writer.turn(visited.state, None, Move.CHOOSE, option.id)
                assert state.guide is not None
                assert state.guide.guide == option.go
                assert view_of(writer, option.go).title in reply.text
                reply, state = to_the_end(writer, restarted(state))
                assert f"resume:{name}" in [button.payload for button in reply.buttons], (name, option.go)
                _, state = writer.turn(state, name, Move.RESUME, None)
                assert state.guide is not None
                assert (state.guide.guide, node_of(state)) == (name, visited.node)
    assert led >= 10


def to_the_end(writer: GuideWriter, state: ConversationState) -> tuple[Reply, ConversationState]:
    """Walk the guide at hand to its end, always with the first answer that stays in it."""
    reply = Reply("")
    for _ in range(MOST_NODES):
        assert state.guide is not None
        view, node = view_of(writer, state.guide.guide), node_of(state)
        asked = view.ask(node[1:]) if node.startswith("?") else None
        option = next(o.id for o in asked.options if o.go is None) if asked else None
        reply, state = writer.turn(state, None, Move.CHOOSE if asked else Move.NEXT, option)
        if state.guide is None:
            return reply, state
    raise AssertionError("no end")


def test_guides_that_lead_into_each_other_have_a_way_out(writer: GuideWriter) -> None:
    for name in NAMES:
        for ask in view_of(writer, name).asks:
            assert any(option.go is None for option in ask.options), (name, ask.id)
            assert all(option.go != name for option in ask.options), (name, ask.id)


def test_following_every_lead_ends(writer: GuideWriter) -> None:
    """No round trip: a guide that one is led into does not lead back where one came from."""
    leads = {
        name: {o.go for ask in view_of(writer, name).asks for o in ask.options if o.go} for name in NAMES
    }
    for name in NAMES:
        beyond, reached = [*leads[name]], set(leads[name])
        while beyond:
            new = leads[beyond.pop()] - reached
            reached |= new
            beyond += new
        assert name not in reached


# ---- moves at every node ------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_stop_and_resume_across_a_restart_at_every_node(
    name: str, writer: GuideWriter, after_restart: GuideWriter
) -> None:
    for visited in nodes(writer, name).values():
        stopped, state = writer.turn(visited.state, None, Move.STOP, None)
        assert 'gõ "làm tiếp"' in stopped.text
        assert state.guide is not None
        assert not state.guide.running
        assert writer.waiting(state) is None, "who has stopped is not reminded"
        back, later = after_restart.turn(restarted(state), None, Move.RESUME, None)
        assert later.guide == visited.state.guide
        assert says_no_more(back, visited.reply)
        assert back.buttons == visited.reply.buttons


@pytest.mark.parametrize("name", NAMES)
def test_back_from_every_node(name: str, writer: GuideWriter) -> None:
    for way in ways(writer, name):
        for before, here in zip([way[0], *way], way, strict=False):
            reply, state = writer.turn(here.state, None, Move.PREVIOUS, None)
            assert node_of(state) == before.node
            assert reply.text.startswith("Đây là bước đầu tiên") == (here is way[0])


@pytest.mark.parametrize("name", NAMES)
def test_stuck_at_every_node_says_something(name: str, writer: GuideWriter) -> None:
    view = view_of(writer, name)
    every: tuple[Node, ...] = (*view.steps, *view.asks)
    by_node = {node.node: node for node in every}
    for visited in nodes(writer, name).values():
        reply, state = writer.turn(visited.state, None, Move.STUCK, None)
        assert state.guide == visited.state.guide
        node = by_node[visited.node]
        if isinstance(node, AskView):
            offered = "move:stuck" in {button.payload for button in visited.reply.buttons}
            assert offered == bool(node.help), "who is offered help gets it"
            assert node.ask in reply.text
            assert (node.help or "") in reply.text
            continue
        assert node.stuck, f"{node.id}: no cause of being stuck"
        assert all(s.when in reply.text and s.then in reply.text for s in node.stuck)


@pytest.mark.parametrize("name", NAMES)
def test_a_place_whose_step_is_gone_is_not_lost(name: str, writer: GuideWriter) -> None:
    """The guide was rewritten meanwhile: done steps are not shown again, and the end is reached."""
    view = view_of(writer, name)
    for way in ways(writer, name):
        guide = way[-1].state.guide
        assert guide is not None
        done = guide.passed[: len(guide.passed) // 2]
        lost = GuidePosition(guide=name, step="gone", answers=guide.answers, passed=done)
        walked = walk(view, lost, Move.RESUME)
        assert walked.node is not None
        assert walked.node.node not in done
        to_the_end(writer, ConversationState(guide=walked.position))


# ---- other questions in the middle ------------------------------------------------------------


QUESTIONS = (
    ("lệ phí đăng ký kết hôn là bao nhiêu", "answer", "Phí, lệ phí"),
    ("hôm nay trời đẹp quá nhỉ", None, ""),
    ("tôi ở xã nga sơn thì nộp ở đâu", "centre", "Nga Sơn"),
    ("cảm ơn bạn nhé", "thanks", "Không có gì"),
    ("cháy nhà rồi cứu với", "emergency", "114"),
)


def say(assistant: Assistant, state: ConversationState, text: str) -> Turn:
    """Type as a citizen does: masked at the door, and the state stored between two turns."""
    turn = assistant.reply(state, Message(mask(text).text))
    return Turn(turn.reply, restarted(turn.state), turn.decision, turn.ranking)


def middle(writer: GuideWriter, name: str) -> list[Visited]:
    """Return a step in the middle of the longest way, and the first question."""
    way = max(ways(writer, name), key=len)
    steps = [visited for visited in way if not visited.node.startswith("?")]
    asks = [visited for visited in way if visited.node.startswith("?")]
    return [steps[len(steps) // 2], *asks[:1]]


@pytest.mark.parametrize("name", NAMES)
def test_five_other_questions_in_the_middle(
    name: str, writer: GuideWriter, shipped_assistant: Assistant
) -> None:
    step, *asks = middle(writer, name)
    for place, asked in ((step, QUESTIONS), *((ask, QUESTIONS[NAMES.index(name) % 5 :][:1]) for ask in asks)):
        state = place.state.model_copy(update={"introduced": True})
        for text, action, part in asked:
            other = say(shipped_assistant, state, text)
            assert other.decision.action != "guide", text
            assert action is None or other.decision.action == action, (text, other.decision.reason)
            assert part in other.reply.text
            assert other.state.guide == place.state.guide, text
            waits = "đang chờ" in other.reply.text and 'Gõ "làm tiếp"' in other.reply.text
            assert waits == (action != "emergency"), text
            state = other.state
        back = say(shipped_assistant, state, "làm tiếp")
        assert (back.decision.action, back.decision.move) == ("guide", Move.RESUME)
        assert back.state.guide == place.state.guide
        assert says_no_more(back.reply, place.reply)


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_may_be_tapped_or_its_number_typed(name: str, shipped_assistant: Assistant) -> None:
    view = view_of(shipped_assistant.composer.guides, name)
    turn = shipped_assistant.reply(
        ConversationState(introduced=True), Message(f"guide:{name}", MessageKind.PAYLOAD)
    )
    while turn.state.guide is not None and not node_of(turn.state).startswith("?"):
        turn = shipped_assistant.reply(turn.state, Message("move:next", MessageKind.PAYLOAD))
    if turn.state.guide is None:
        assert view.asks == ()
        return
    asked = view.ask(node_of(turn.state)[1:])
    assert asked is not None
    for number, option in enumerate(asked.options, start=1):
        for typed in (str(number), option.label, *option.words[:2]):
            chosen = shipped_assistant.reply(turn.state, Message(typed)).decision
            assert (chosen.move, chosen.option) == (Move.CHOOSE, option.id), typed


# ---- secrets ------------------------------------------------------------


SECRETS = (
    "mã otp của tôi là 482913",
    "mật khẩu vneid: Hoa@1990x",
    "passcode 135790",
    "căn cước 038090001234",
    "mật khẩu 4111 1111 1111 1111",
)


@pytest.mark.parametrize("name", ["vneid_forgot_passcode", "vneid_install", "portal_login", "portal_pay"])
@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_refused_and_the_guide_goes_on(
    name: str, secret: str, writer: GuideWriter, shipped_assistant: Assistant
) -> None:
    for place in middle(writer, name):
        state = place.state.model_copy(update={"introduced": True})
        refused = say(shipped_assistant, state, secret)
        assert refused.decision.action == "refuse_pii", (place.node, mask(secret).text)
        assert "đã che đi" in refused.reply.text
        assert "Đừng đưa số giấy tờ, mật khẩu hay mã OTP" in refused.reply.text, "and why"
        for part in ("482913", "Hoa@1990x", "135790", "038090001234", "4111"):
            assert part not in refused.reply.text + kept(refused.state)
        assert refused.state.guide == place.state.guide
        back = say(shipped_assistant, refused.state, "làm tiếp")
        assert back.state.guide == place.state.guide
        assert says_no_more(back.reply, place.reply)


def test_a_picture_is_not_taken(writer: GuideWriter, shipped_assistant: Assistant) -> None:
    place = middle(writer, "vneid_under14")[0]
    state = place.state.model_copy(update={"introduced": True})
    turn = shipped_assistant.reply(state, Message("", MessageKind.UNSUPPORTED))
    assert "Đừng gửi ảnh căn cước" in turn.reply.text
    assert turn.state.guide == place.state.guide
    assert say(shipped_assistant, turn.state, "làm tiếp").state.guide == place.state.guide


# ---- several guides, helpers ------------------------------------------------------------


def test_guides_of_another_day_are_resumed_by_name(shipped_assistant: Assistant) -> None:
    state = ConversationState(introduced=True)
    for text in ("cài vneid", "1", "tiếp", "quên passcode vneid", "1", "tiếp", "dừng lại"):
        state = say(shipped_assistant, state, text).state
    assert state.guide is not None
    assert state.guide.guide == "vneid_forgot_passcode"
    named = say(shipped_assistant, state, "cài vneid")
    assert "đang làm dở" in named.reply.text
    back = say(shipped_assistant, named.state, "làm tiếp")
    assert back.decision.move is Move.RESUME
    assert back.state.guide is not None
    assert back.state.guide.guide == "vneid_install"
    assert back.state.shelf[0].guide == "vneid_forgot_passcode"


def test_a_guide_is_resumed_by_name_in_one_sentence(shipped_assistant: Assistant) -> None:
    state = ConversationState(introduced=True)
    for text in ("cài vneid", "1", "tiếp", "quên passcode vneid", "1", "dừng lại"):
        state = say(shipped_assistant, state, text).state
    back = say(shipped_assistant, state, "làm tiếp cài vneid")
    assert (back.decision.guide, back.decision.move) == ("vneid_install", Move.RESUME)


def test_a_guide_begun_before_is_not_begun_anew(shipped_assistant: Assistant) -> None:
    state = ConversationState(introduced=True)
    for text in ("cài vneid", "1", "tiếp", "tiếp"):
        state = say(shipped_assistant, state, text).state
    again = say(shipped_assistant, state, "cài vneid")
    assert "đang làm dở" in again.reply.text
    assert again.state.guide == state.guide
    assert {"move:resume", "move:restart"} <= {button.payload for button in again.reply.buttons}
    anew = say(shipped_assistant, again.state, "làm lại từ đầu")
    assert anew.state.guide is not None
    assert anew.state.guide.passed == ()


def test_a_helper_is_told_what_the_citizen_does_with_their_own_hands(writer: GuideWriter) -> None:
    told = 0
    for name in NAMES:
        view = view_of(writer, name)
        for visited in nodes(writer, name).values():
            step = next((s for s in view.steps if s.node == visited.node), None)
            if step is None or not (step.own_hands or step.helper):
                continue
            helping = visited.state.model_copy(update={"helper": True})
            told += 1
            text = writer.turn(helping, None, Move.REPEAT, None)[0].text
            assert text != writer.turn(visited.state, None, Move.REPEAT, None)[0].text
            assert not step.helper or step.helper in text
            assert not step.helper or step.helper not in visited.reply.text
    assert told > 50


# ---- what is told to be typed ------------------------------------------------------------------------------

TYPED = re.compile(r"(?:\bgõ|hỏi tôi) [“\"]([^”\"]+)[”\"]", re.IGNORECASE)
IN_PLACE = {"tiếp", "làm tiếp", "làm lại từ đầu", "xong"}  # moves of the guide itself


def told_to_type() -> list[tuple[str, str]]:
    """Return what guides and walk-throughs tell people to type, with where it stands."""
    found: dict[str, str] = {}
    for folder in (guides.GUIDES, Path(bot.replies.__file__ or "").parent):
        for file in sorted(folder.glob("*.yaml")):
            if folder == guides.GUIDES or file.name == "walkthrough.yaml":
                text = " ".join(file.read_text("utf-8").replace('\\"', '"').split())
                found |= dict.fromkeys(TYPED.findall(text), file.stem)
    return [(phrase, stem) for phrase, stem in found.items() if phrase.lower() not in IN_PLACE]


@pytest.mark.parametrize(("phrase", "stem"), told_to_type())
def test_what_one_is_told_to_type_is_understood(phrase: str, stem: str, shipped_assistant: Assistant) -> None:
    guide = GuidePosition(guide="procedure:1.001193", step="track", answers={"way": "counter"})
    state = ConversationState(introduced=True, code="1.001193", guide=guide)
    decision = say(shipped_assistant, state, phrase).decision
    check = fold(phrase).startswith("kiem tra ho so")
    expected = {"check"} if check else {"guide", "answer", "centre", "scam", "track", "hand_off"}
    assert decision.action in expected, (phrase, stem, decision.reason)
    own = fold(phrase) == "nop ho so tren mang"  # with a procedure in hand, its own way
    assert decision.guide != guide.guide or own, phrase
