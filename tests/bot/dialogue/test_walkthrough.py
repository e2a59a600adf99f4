"""Every procedure's own way: complete, and true to its record. TROLY_SEED draws other procedures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

import pytest

from bot.assistant import Assistant, Turn
from bot.dialogue.guide import AskView, GuideView, StepView
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.state import ConversationState
from bot.dialogue.walkthrough import MOST_ATTACHED, load_words
from bot.messages import Message, MessageKind
from procedures_kb.cards import Card
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Detail, Level, OnlineLevel, Procedure
from tests.bot.dialogue.drawing import DRAWN, SEED, drawn
from tests.bot.dialogue.true_to_record import Held, dated, told_wrongly, ways_through, ways_told
from tests.bot.test_assistant import WordSearch
from tests.factories import birth, procedure

MOST_TURNS = 120
TODAY = date.today()


@pytest.fixture(scope="module")
def procedures(shipped_catalogue: Catalogue, shipped_knowledge: Knowledge) -> tuple[Procedure, ...]:
    return drawn(shipped_catalogue, shipped_knowledge.cards)


def view_of(assistant: Assistant, code: str) -> GuideView:
    view = assistant.composer.guides.book.view(f"procedure:{code}")
    assert view is not None
    return view


def test_the_draw_is_wide(procedures: tuple[Procedure, ...], shipped_knowledge: Knowledge) -> None:
    there = {p.online_level for p in shipped_knowledge.catalogue if p.detail is Detail.FULL}
    full = [p for p in procedures if p.detail is Detail.FULL]
    assert len(procedures) == DRAWN
    assert len({p.field for p in procedures}) >= 20
    assert {level for p in full for level in p.levels} == set(Level)
    assert {p.online_level for p in full} == there
    assert len(full) <= DRAWN - 2, "bare names too"
    assert 5 <= sum(p.code in shipped_knowledge.cards for p in procedures) <= DRAWN - 5


def test_every_way_is_true_to_the_record(
    procedures: tuple[Procedure, ...], shipped_assistant: Assistant, shipped_knowledge: Knowledge
) -> None:
    wrong = []
    ways = 0
    for one in procedures:
        view = view_of(shipped_assistant, one.code)
        ways += sum(1 for _ in ways_through(view))
        held = Held(one, shipped_knowledge.cards.get(one.code), TODAY)
        wrong += [(one.code, text) for text in told_wrongly(held, view)]
    assert wrong == []
    assert ways > DRAWN


def say(assistant: Assistant, state: ConversationState, payload: str) -> Turn:
    turn = assistant.reply(state, Message(payload, MessageKind.PAYLOAD))
    assert turn.decision.action == "guide"
    return turn


def test_every_drawn_way_is_walked_to_its_end(
    procedures: tuple[Procedure, ...], shipped_assistant: Assistant
) -> None:
    random = Random(SEED)
    for one in procedures:
        state = ConversationState(introduced=True)
        turn = say(shipped_assistant, state, f"guide:procedure:{one.code}")
        begun = turn.reply.text
        assert one.short_name in begun
        assert f"mã thủ tục {one.code}" in begun
        assert dated(one) in begun
        shown = [number for number in [step_number(turn)] if number]
        for _ in range(MOST_TURNS):
            if turn.state.guide is None:
                break
            options = [b.payload for b in turn.reply.buttons if b.payload.startswith("option:")]
            payload = random.choice(options) if options else "move:next"
            turn = say(shipped_assistant, turn.state, payload)
            shown += [number for number in [step_number(turn)] if number]
        assert turn.state.guide is None, one.code
        assert [number for number, _ in shown] == list(range(1, shown[-1][0] + 1)), one.code
        assert shown[-1][0] == shown[-1][1], "the last step is the last of the count"
        assert one.code in turn.reply.text, "the end names its source too"


def test_a_case_typed_at_the_question_is_its_answer(shipped_assistant: Assistant) -> None:
    """Also where the procedure is in hand, and its card has a case of that name."""
    state = ConversationState(introduced=True, code="1.001193")
    turn = say(shipped_assistant, state, "guide:procedure:1.001193")
    for payload in ("option:way.online", "move:next"):
        turn = say(shipped_assistant, turn.state, payload)
    typed = shipped_assistant.reply(turn.state, Message("con có giấy chứng sinh"))
    assert (typed.decision.action, typed.decision.option) == ("guide", "hospital")


def step_number(turn: Turn) -> tuple[int, int] | None:
    found = re.search(r"^Bước (\d+)/(\d+): ", turn.reply.text, re.MULTILINE)
    return (int(found[1]), int(found[2])) if found else None


# ---- small records: each rule by itself --------------------------------------------------------------------


def small(shipped_knowledge: Knowledge, one: Procedure) -> GuideView:
    catalogue = Catalogue((one,))
    no_cards: Mapping[str, Card] = {}
    known = Knowledge(
        catalogue,
        no_cards,
        shipped_knowledge.guides,
        shipped_knowledge.events,
        shipped_knowledge.beyond,
        shipped_knowledge.centres,
        shipped_knowledge.communes,
        shipped_knowledge.pictures,
    )
    return view_of(Assistant.build(catalogue, WordSearch(catalogue), None, known=known), one.code)


def channel(how: str, status: str = "free", **values: Any) -> dict[str, Any]:
    return {"how": how, "fee_status": status, **values}


BOTH = [channel("online"), channel("counter")]


def all_text(view: GuideView) -> str:
    steps = [part for s in view.steps for part in (s.do, s.where or "", s.see or "")]
    return "\n".join([view.intro or "", *view.needs, view.done, *steps])


def steps_by(view: GuideView, way: str) -> list[StepView]:
    return [step for step in view.steps if way in step.when.get("way", (way,))]


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (OnlineLevel.FULL, "làm trọn qua mạng, không phải đến nơi"),
        (OnlineLevel.PARTIAL, "nộp qua mạng được một phần. Có bước bạn phải đến nơi"),
        (OnlineLevel.ONLINE, "không ghi rõ có bước nào phải đến nơi không"),
        (OnlineLevel.NONE, "không nộp qua mạng được"),
    ],
)
def test_the_online_level_is_said_as_recorded(
    level: OnlineLevel, words: str, shipped_knowledge: Knowledge
) -> None:
    one = procedure(online_level=level.value, channels=BOTH if level is not OnlineLevel.NONE else BOTH[1:])
    view = small(shipped_knowledge, one)
    assert words in (view.intro or "")
    assert ("VNeID" in all_text(view)) == (level is not OnlineLevel.NONE)


def test_a_record_with_papers_is_not_called_a_bare_name(shipped_knowledge: Knowledge) -> None:
    """Fifteen records tell their papers, and neither channel nor online level."""
    view = small(
        shipped_knowledge, procedure(documents=[{"items": [{"name": "Tờ khai thuế", "originals": 1}]}])
    )
    assert "mới có tên" not in (view.intro or "")
    assert "Tờ khai thuế" in all_text(view)


def test_a_bare_name_leads_to_the_list_on_the_portal(shipped_knowledge: Knowledge) -> None:
    view = small(shipped_knowledge, procedure(detail="name_only"))
    assert "mới có tên việc này" in (view.intro or "")
    assert view.steps[0].id == "search"
    assert view.asks == ()
    assert "phí" not in " ".join(view.needs)


def test_who_may_hand_in_in_one_way_only_is_not_asked(shipped_knowledge: Knowledge) -> None:
    view = small(shipped_knowledge, procedure(online_level="none", channels=BOTH[1:]))
    assert view.asks == ()
    assert {"attach", "submit", "login"}.isdisjoint(step.id for step in view.steps)


def test_ways_and_cases_are_asked(shipped_knowledge: Knowledge) -> None:
    view = small(shipped_knowledge, birth())
    assert {ask.id: [o.label for o in ask.options] for ask in view.asks} == {
        "way": ["Nộp qua mạng", "Đến nơi nộp", "Gửi bưu điện"],
        "case": ["Trẻ bị bỏ rơi", "Không thuộc trường hợp nào ở trên"],
    }


def test_papers_are_prepared_and_attached_one_by_one(shipped_knowledge: Knowledge) -> None:
    view = small(shipped_knowledge, birth())
    abandoned = next(o.id for o in view.asks[1].options if o.label == "Trẻ bị bỏ rơi")
    steps = [n for n in view.nodes({"way": "online", "case": abandoned}) if isinstance(n, StepView)]
    papers = next(s.do for s in steps if s.id.startswith("papers"))
    assert "• Tờ khai đăng ký khai sinh (bản chính)" in papers
    assert "hoặc Văn bản của người làm chứng" in papers
    assert "• Biên bản (bản sao)" in papers
    assert "Lưu ý: Nộp bản chụp khi làm qua mạng" in papers
    assert papers.index("cho xem, không phải nộp") < papers.index("Giấy tờ tùy thân")
    attached = [s.do for s in steps if s.id.startswith("attach")]
    assert len(attached) == 3
    assert not any("Giấy tờ tùy thân" in text for text in attached)


def test_a_paper_of_one_way_stands_in_that_way_only(shipped_knowledge: Knowledge) -> None:
    items = [
        {"name": "Đơn đề nghị", "originals": 1},
        {"name": "Bản điện tử của ảnh", "originals": 1, "when": "khi nộp qua mạng"},
        {"name": "Hai tấm ảnh giấy", "originals": 2, "when": "khi nộp trực tiếp"},
    ]
    one = procedure(online_level="online", channels=BOTH, documents=[{"items": items}])
    view = small(shipped_knowledge, one)
    online, counter = ("\n".join(s.do for s in steps_by(view, way)) for way in ("online", "counter"))
    assert "Bản điện tử của ảnh" in online
    assert "Hai tấm ảnh giấy" not in online
    assert "Hai tấm ảnh giấy" in counter
    assert "Bản điện tử của ảnh" not in counter


def test_many_papers_share_steps(shipped_knowledge: Knowledge) -> None:
    items = [{"name": f"Giấy thứ {number}", "originals": 1} for number in range(1, 31)]
    one = procedure(online_level="online", channels=[channel("online")], documents=[{"items": items}])
    attached = [s.do for s in small(shipped_knowledge, one).steps if s.id.startswith("attach")]
    assert 1 < len(attached) <= MOST_ATTACHED
    assert all(any(re.search(rf"Giấy thứ {n}\b", text) for text in attached) for n in range(1, 31))


def test_cases_whose_names_differ_in_one_accent_are_two(shipped_knowledge: Knowledge) -> None:
    """ "Điểm d" and "Điểm đ" of a decree are two cases (1.010774)."""
    documents = [
        {"case": f"Trường hợp điểm {point}", "items": [{"name": f"Giấy của điểm {point}", "originals": 1}]}
        for point in "dđ"
    ]
    view = small(shipped_knowledge, procedure(online_level="none", channels=BOTH[1:], documents=documents))
    assert [o.label for ask in view.asks for o in ask.options] == ["Trường hợp điểm d", "Trường hợp điểm đ"]


def test_a_case_told_in_two_blocks_keeps_the_papers_of_both(shipped_knowledge: Knowledge) -> None:
    documents = [
        {"case": "Mất giấy", "items": [{"name": name, "originals": 1}]} for name in ("Đơn báo mất", "Ảnh thẻ")
    ]
    view = small(shipped_knowledge, procedure(online_level="none", channels=BOTH[1:], documents=documents))
    assert all(name in all_text(view) for name in ("Đơn báo mất", "Ảnh thẻ"))


@pytest.mark.parametrize(
    ("channels", "flags", "pays", "free_told"),
    [
        (BOTH, [], (False, False), True),
        (BOTH, ["fee_conflict"], (True, True), False),
        ([channel("online"), channel("counter", "paid", fees=[{"amount": 5000}])], [], (False, True), False),
        ([channel("online", "unknown"), channel("counter", "unknown")], [], (True, True), False),
        ([channel("online", "conflicting"), channel("counter", "conflicting")], [], (True, True), False),
        ([channel("online", "varies"), channel("counter", "varies")], [], (True, True), False),
    ],
)
def test_paying(
    channels: list[dict[str, Any]],
    flags: list[str],
    pays: tuple[bool, bool],
    free_told: bool,
    shipped_knowledge: Knowledge,
) -> None:
    view = small(shipped_knowledge, procedure(online_level="online", channels=channels, flags=flags))
    paying = [[s for s in steps_by(view, way) if s.id.startswith("pay")] for way in ("online", "counter")]
    assert (bool(paying[0]), bool(paying[1])) == pays
    assert ("lệ phí: miễn phí" in view.needs) == free_told
    paid = "\n".join(step.do for steps in paying for step in steps)
    assert "miễn phí" not in paid.lower()
    if pays == (False, True):
        assert "5.000 đồng" in paid


def test_current_amounts_are_told_and_expired_ones_are_marked(shipped_knowledge: Knowledge) -> None:
    fees = [{"amount": 50000, "valid_to": "2020-12-31"}, {"amount": 100000, "valid_from": "2021-01-01"}]
    one = procedure(online_level="none", channels=[channel("counter", "paid", fees=fees)])
    pay = next(s.do for s in small(shipped_knowledge, one).steps if s.id.startswith("pay"))
    assert "100.000 đồng" in pay
    assert re.search(r"50\.000 đồng \(.*hết hạn", pay)


def test_the_longest_time_limit_is_told(shipped_knowledge: Knowledge) -> None:
    times = [{"case": f"loại {value}", "value": value, "unit": "working_day"} for value in (2, 3, 60)]
    one = procedure(online_level="none", channels=[channel("counter", times=times)])
    assert any("60 ngày làm việc" in need for need in small(shipped_knowledge, one).needs)


def test_an_agency_of_another_province_is_not_named(shipped_knowledge: Knowledge) -> None:
    one = procedure(
        online_level="online", channels=BOTH, agency="Sở Nội vụ tỉnh Nơi Khác", flags=["agency_elsewhere"]
    )
    assert "Nơi Khác" not in all_text(small(shipped_knowledge, one))


def test_every_question_can_be_answered_and_has_help() -> None:
    words = load_words()
    assert all(ask.help for ask in words.asks.values())
    assert set(words.asks["way"].options) == {"online", "counter", "post"}


def test_a_stored_place_stands_when_the_papers_change(shipped_knowledge: Knowledge) -> None:
    """A paper more or less in the record: ids are made of names, so the place of the others stays."""
    items = [{"name": f"Giấy {name}", "originals": 1} for name in ("một", "hai", "ba")]
    before, after = (
        small(
            shipped_knowledge,
            procedure(online_level="online", channels=[channel("online")], documents=[{"items": listed}]),
        )
        for listed in (items, [*items[1:], {"name": "Giấy bốn", "originals": 1}])
    )
    ids = [
        {s.id for s in view.steps if "Giấy hai" in s.do and s.id.startswith("attach")}
        for view in (before, after)
    ]
    assert ids[0] == ids[1] != set()


def test_ways_are_those_of_the_record(shipped_assistant: Assistant, shipped_catalogue: Catalogue) -> None:
    for one in shipped_catalogue.procedures[:: len(shipped_catalogue) // 40]:
        if shipped_catalogue.may_serve(one.code):
            asks = {ask.id: ask for ask in view_of(shipped_assistant, one.code).asks}
            way = asks.get("way")
            told = ways_told(one)
            assert (isinstance(way, AskView) and {o.id for o in way.options} == told) or len(told) < 2, (
                one.code
            )
