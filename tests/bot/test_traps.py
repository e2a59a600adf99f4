"""How the bot answers in front of each trap of the portal's data (reference/portal.md, "Traps")."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from bot.assistant import Assistant
from bot.dialogue.knowledge import Knowledge
from bot.dialogue.state import Aspect, ConversationState
from bot.messages import Message, MessageKind, Reply
from bot.search.types import Hit, Ranking, Verdict
from procedures_kb import cards, life_events
from procedures_kb.build.names import without_level
from procedures_kb.catalogue import Catalogue, load
from procedures_kb.model import Detail, Flag, Procedure
from procedures_kb.traps import TRAPS
from tests.bot.test_assistant import WordSearch
from tests.factories import procedure

SEED, SAMPLE = 20261122, 500
MAX_BUTTON = 80
AT_COUNTER = {"how": "counter", "fee_status": "paid", "fees": [{"amount": 30000}]}
DISTRICT_GONE = "Cấp huyện không còn từ 1/7/2025"


NOTHING = Ranking((), Verdict.DECLINE, 0.0, 0.0, 0, ())


@dataclass(frozen=True)
class Finds:
    """A search that always finds the same: nothing, where records are asked for by their code."""

    ranking: Ranking = NOTHING

    def search(self, text: str, limit: int = 10) -> Ranking:
        return self.ranking


@cache
def known() -> Knowledge:
    """Read the data files once for all the small catalogues."""
    return Knowledge.load(Catalogue((procedure(),)))


def talk(*procedures: Procedure) -> Assistant:
    small = Catalogue(procedures)
    return Assistant.build(small, WordSearch(small), None, known=known())


def say(assistant: Assistant, text: str, state: ConversationState | None = None) -> Reply:
    return assistant.reply(state or ConversationState(introduced=True), Message(text)).reply


def tap(assistant: Assistant, payload: str, code: str | None = None) -> Reply:
    state = ConversationState(introduced=True, code=code)
    return assistant.reply(state, Message(payload, MessageKind.PAYLOAD)).reply


def everything(assistant: Assistant, code: str) -> Iterator[Reply]:
    """Yield the overview and the answer to each aspect."""
    yield tap(assistant, f"pick:{code}")
    for aspect in Aspect:
        yield tap(assistant, f"aspect:{aspect.value}", code)


# ---- 1: a contradicting fee --------------------------------------------------------------------------------


def conflicting(how: str, status: str, code: str = "1.000001", **values: Any) -> Procedure:
    channel = {"how": how, "fee_status": status, "fees": [{"amount": 150000, "note": "mỗi lần cấp"}]}
    return procedure(code, "Cấp giấy biểu diễn", channels=[channel], flags=["fee_conflict"], **values)


@pytest.mark.parametrize("how", ["online", "counter", "post"])
@pytest.mark.parametrize("status", ["conflicting", "free"])
def test_a_conflicting_fee_is_never_free(how: str, status: str) -> None:
    assistant = talk(conflicting(how, status))
    for reply in everything(assistant, "1.000001"):
        assert "iễn phí" not in reply.text
        assert "không phải đóng tiền" not in reply.text
    fee = tap(assistant, "aspect:fee", "1.000001").text
    assert "tùy trường hợp" in fee
    assert "hỏi nơi nộp" in fee
    assert "Nguồn: Cổng Dịch vụ công quốc gia" in fee


def test_the_noted_amount_of_a_conflicting_fee_is_quoted() -> None:
    assistant = talk(conflicting("counter", "conflicting"))
    fee = say(assistant, "cấp giấy biểu diễn lệ phí bao nhiêu").text
    assert "150.000 đồng" in fee
    assert "mỗi lần cấp" in fee


@pytest.mark.parametrize("how", ["online", "counter", "post"])
def test_one_free_channel_beside_a_conflicting_one_is_not_free_either(how: str) -> None:
    channels = [{"how": how, "fee_status": "conflicting"}, {"how": "counter", "fee_status": "free"}]
    assistant = talk(procedure(channels=channels, flags=["fee_conflict"]))
    for reply in everything(assistant, "1.000001"):
        assert "iễn phí" not in reply.text


@pytest.mark.parametrize("status", ["conflicting", "free"])
def test_the_overview_of_a_card_does_not_say_free_either(status: str) -> None:
    assistant = talk(conflicting("counter", status, code="1.001193"))
    overview = tap(assistant, "pick:1.001193").text
    assert "Dành cho:" in overview
    assert "Lệ phí: tùy trường hợp" in overview
    assert "iễn phí" not in overview


def test_a_fee_that_nothing_contradicts_is_free() -> None:
    assistant = talk(procedure(channels=[{"how": "counter", "fee_status": "free"}]))
    assert "Miễn phí" in tap(assistant, "aspect:fee", "1.000001").text
    assert "Lệ phí: miễn phí" in tap(assistant, "pick:1.000001").text


# ---- 2: the wrong page -------------------------------------------------------------------------------------


def test_a_wrong_page_answers_as_name_only() -> None:
    assistant = talk(procedure(detail="name_only", flags=["wrong_page"]))
    for reply in everything(assistant, "1.000001"):
        assert "Tôi mới có tên thủ tục này" in reply.text
        assert "1.000001" in reply.text
        assert not [b for b in reply.buttons if b.payload.startswith("aspect:")]
    assert "Tôi mới có tên" in say(assistant, "đăng ký khai sinh cần giấy tờ gì").text


# ---- 3: unclear times --------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [[], [{"value": 73}], [{"value": 73, "case": "cấp mới"}]])
def test_an_unclear_time_is_said_to_be_unclear_without_a_number(times: list[Any]) -> None:
    assistant = talk(procedure(channels=[{"how": "counter", "times": times}], flags=["time_unclear"]))
    answer = tap(assistant, "aspect:time", "1.000001").text
    assert "thời hạn giải quyết chưa rõ" in answer
    assert "ngày làm việc" not in answer
    for reply in everything(assistant, "1.000001"):
        assert "73" not in reply.text
        assert "Thời hạn:" not in reply.text


def test_a_clear_time_beside_an_unclear_one_is_told_with_its_channel() -> None:
    channels = [
        {"how": "online", "times": [{"value": 73}]},
        {"how": "counter", "times": [{"value": 5, "unit": "day"}]},
    ]
    answer = tap(talk(procedure(channels=channels, flags=["time_unclear"])), "aspect:time", "1.000001").text
    assert "▸ Nộp trực tiếp:\n• 5 ngày" in answer
    assert "73" not in answer


# ---- 4: notes, and papers to show --------------------------------------------------------------------------

DOSSIER = [
    {"name": "Tờ khai mẫu", "originals": 1},
    {"name": "Sổ mẫu của gia đình", "originals": 1, "kind": "show"},
    {"name": "Hồ sơ chỉ nhận vào buổi sáng", "kind": "note"},
]


def test_notes_are_no_papers_and_papers_to_show_are_not_submitted() -> None:
    assistant = talk(procedure(documents=[{"items": DOSSIER}]))
    answer = say(assistant, "đăng ký khai sinh cần giấy tờ gì").text
    submit, show = answer.split("Mang theo để xuất trình, tức là cho xem, không phải nộp:")
    assert "• Tờ khai mẫu (1 bản chính)" in submit
    assert "Sổ mẫu" not in submit
    assert "• Sổ mẫu của gia đình" in show
    assert "Lưu ý: Hồ sơ chỉ nhận vào buổi sáng" in show
    assert "• Hồ sơ chỉ nhận" not in answer
    assert "Giấy tờ: Tờ khai mẫu." in tap(assistant, "pick:1.000001").text
    assert "buổi sáng" not in tap(assistant, "aspect:form", "1.000001").text


# ---- 5: another province's version -------------------------------------------------------------------------


def local(code: str = "1.000009", **values: Any) -> Procedure:
    facts: dict[str, Any] = {
        "channels": [AT_COUNTER | {"times": [{"value": 7, "unit": "day"}]}],
        "documents": [{"items": [{"name": "Tờ khai riêng", "originals": 1}]}],
        "steps": [{"actor": "Người dân", "act": "đến quầy riêng"}],
        "results": [{"name": "Giấy riêng"}],
        "conditions": [{"about": "Điều kiện riêng"}],
        "legal_basis": [{"number": "99/2026/QĐ-UBND"}],
        "agency": "Quầy riêng",
        "flags": ["local_version"],
    }
    return procedure(code, "Đăng ký khai sinh", **facts | values)


SECRETS = ("riêng", "30.000", "7 ngày", "99/2026")


def test_another_provinces_version_is_not_found_by_words() -> None:
    assistant = talk(local(), procedure("1.000002", "Đăng ký kết hôn"))
    reply = say(assistant, "đăng ký khai sinh")
    assert "1.000009" not in reply.text
    assert not [b for b in reply.buttons if "1.000009" in b.payload]


def test_another_provinces_version_is_no_level_choice() -> None:
    assistant = talk(procedure(), local(levels=["province"]))
    turn = assistant.reply(ConversationState(introduced=True), Message("đăng ký khai sinh"))
    assert (turn.decision.action, turn.decision.codes) == ("answer", ("1.000001",))
    assert not [b for b in turn.reply.buttons if "1.000009" in b.payload]


@pytest.mark.parametrize("aspect", ["", *(a.value for a in Aspect)])
def test_another_provinces_version_is_explained_by_its_code_and_told_nothing_of(aspect: str) -> None:
    assistant = talk(local(), procedure("1.000002", "Đăng ký kết hôn"))
    reply = tap(assistant, f"aspect:{aspect}" if aspect else "pick:1.000009", "1.000009")
    assert "của một tỉnh khác" in reply.text
    assert not [secret for secret in SECRETS if secret in reply.text]
    assert "của một tỉnh khác" in say(assistant, "1.000009 cần giấy tờ gì").text


def test_the_steps_of_another_provinces_version_are_not_walked() -> None:
    assistant = talk(local(), procedure("1.000002", "Đăng ký kết hôn"))
    state = ConversationState(introduced=True)
    for text in ("1.000009 hướng dẫn từng bước", "tiếp", "tiếp", "các bước"):
        turn = assistant.reply(state, Message(text))
        state = turn.state
        assert not [secret for secret in SECRETS if secret in turn.reply.text], turn.reply.text


def test_the_card_of_another_provinces_version_is_not_told() -> None:
    assistant = talk(local("1.001193"))
    card = cards.load()["1.001193"]
    for payload in ("pick:1.001193", "aspect:documents", *(f"case:{case.id}" for case in card.cases)):
        reply = tap(assistant, payload, "1.001193")
        assert card.what not in reply.text
        assert not [b for b in reply.buttons if b.payload.startswith("case:")]


def test_no_aspects_are_offered_where_none_is_told() -> None:
    reply = tap(talk(local()), "pick:1.000009")
    assert not [b for b in reply.buttons if b.payload.startswith("aspect:")]


def test_another_provinces_version_is_no_sibling() -> None:
    card = next(card for card in cards.load().values() if card.siblings)
    sibling = card.siblings[0].code
    assistant = talk(procedure(card.code, "Cấp giấy biểu diễn"), local(sibling))
    reply = tap(assistant, f"pick:{card.code}")
    assert not [b for b in reply.buttons if sibling in b.payload]


def test_another_provinces_version_is_no_task_of_a_life_event() -> None:
    event = life_events.load().by_id["birth"]
    codes = [task.code for task in event.tasks]
    assistant = talk(procedure(codes[0]), local(codes[1]))
    reply = tap(assistant, "event:birth")
    assert [b.payload for b in reply.buttons if codes[0] in b.payload]
    assert not [b for b in reply.buttons if codes[1] in b.payload]


# ---- 6: the district level ---------------------------------------------------------------------------------


def test_the_district_level_is_explained_where_to_go() -> None:
    assistant = talk(procedure(agency="Ủy ban nhân dân cấp huyện", flags=["district_level"]))
    assert DISTRICT_GONE in say(assistant, "đăng ký khai sinh nộp ở đâu").text
    plain = talk(procedure(agency="Ủy ban nhân dân cấp xã"))
    assert DISTRICT_GONE not in say(plain, "đăng ký khai sinh nộp ở đâu").text


@pytest.mark.parametrize("aspect", [a.value for a in Aspect])
def test_the_district_level_is_explained_wherever_it_is_named(aspect: str) -> None:
    named = "Ủy ban nhân dân cấp huyện"
    record = procedure(
        flags=["district_level"],
        agency=named,
        channels=[AT_COUNTER | {"fees": [{"amount": 30000, "case": named}]}],
        documents=[{"items": [{"name": f"Giấy xác nhận của {named}", "originals": 1}]}],
        steps=[{"actor": named, "act": "trả kết quả"}],
        results=[{"name": f"Quyết định của {named}"}],
        conditions=[{"about": f"Có xác nhận của {named}"}],
    )
    text = tap(talk(record), f"aspect:{aspect}", "1.000001").text
    assert "cấp huyện" not in text.replace(DISTRICT_GONE, "") or DISTRICT_GONE in text


def test_the_district_level_is_explained_in_the_overview() -> None:
    record = procedure(agency="Ủy ban nhân dân cấp huyện", flags=["district_level"])
    assert DISTRICT_GONE in tap(talk(record), "pick:1.000001").text


# ---- 7: level twins ----------------------------------------------------------------------------------------


def twins(**province: Any) -> Assistant:
    """Return two levels that cost the same; with other papers, unless `province` says otherwise."""
    both = {"family": "cap giay phep bieu dien", "flags": ["level_twin"], "channels": [AT_COUNTER]}
    papers = [{"items": [{"name": "Tờ khai gửi tỉnh", "originals": 1}]}]
    other = both | {"levels": ["province"], "documents": papers} | province
    return talk(
        procedure("1.000003", "Cấp giấy phép biểu diễn (cấp xã)", **both),
        procedure("1.000004", "Cấp giấy phép biểu diễn (cấp tỉnh)", **other),
    )


@pytest.mark.parametrize("text", ["cấp giấy phép biểu diễn", "cấp giấy phép biểu diễn cần giấy tờ gì"])
def test_a_level_twin_is_asked(text: str) -> None:
    reply = say(twins(), text)
    assert "ở nhiều cấp" in reply.text
    assert "Tờ khai" not in reply.text
    assert [b.payload for b in reply.buttons] == ["pick:1.000003", "pick:1.000004", "say:none"]
    assert len({b.title for b in reply.buttons}) == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [("cấp giấy phép biểu diễn ở tỉnh", "1.000004"), ("cấp giấy phép biểu diễn cấp xã", "1.000003")],
)
def test_a_level_twin_is_not_asked_where_the_level_is_named(text: str, code: str) -> None:
    reply = say(twins(), text)
    assert f"mã thủ tục {code}" in reply.text


def test_a_level_twin_is_not_asked_where_what_is_asked_is_the_same_at_both() -> None:
    reply = say(twins(), "cấp giấy phép biểu diễn lệ phí bao nhiêu")
    assert "30.000 đồng" in reply.text
    assert "pick:1.000004" in [b.payload for b in reply.buttons]
    other = twins(channels=[AT_COUNTER | {"fees": [{"amount": 90000}]}])
    reply = say(other, "cấp giấy phép biểu diễn lệ phí bao nhiêu")
    assert "ở nhiều cấp" in reply.text
    asked, likely = reply.text.split("Nếu là việc 1 thì:")
    assert "30.000" not in asked  # told of the commune only, which is choice 1
    assert "(cấp xã)" in likely
    assert "90.000" not in likely


def test_twins_with_the_same_label_are_told_apart_by_their_level() -> None:
    reply = say(twins(short_name="Cấp giấy phép biểu diễn (cấp xã)"), "cấp giấy phép biểu diễn")
    assert len({b.title for b in reply.buttons}) == 3


# ---- 8: long names -----------------------------------------------------------------------------------------


def test_a_long_name_never_reaches_a_button() -> None:
    long = "Cấp giấy phép biểu diễn " + "cho người dân có việc rất dài " * 40
    both = {"family": "cap giay phep bieu dien", "short_name": ("Cấp giấy phép biểu diễn " + "x" * 60)[:60]}
    assistant = talk(
        procedure("1.000003", long, **both),
        procedure("1.000004", f"{long} tỉnh", levels=["province"], **both),
    )
    for text in (
        "cấp giấy phép biểu diễn",
        "cấp giấy phép biểu diễn ở tỉnh",
        "giấy phép",
        "1.000003",
        "1.000004",
    ):
        reply = say(assistant, text)
        assert reply.buttons
        assert all(len(b.title) <= MAX_BUTTON for b in reply.buttons)


# ---- 9: agencies elsewhere ---------------------------------------------------------------------------------


def test_an_agency_elsewhere_is_not_told() -> None:
    agency = "Sở Xây dựng tỉnh Nghệ An"
    assistant = talk(procedure(agency=agency, levels=["province"], flags=["agency_elsewhere"]))
    for reply in everything(assistant, "1.000001"):
        assert "Nghệ An" not in reply.text
    assert "Trung tâm Phục vụ hành chính công tỉnh" in tap(assistant, "aspect:place", "1.000001").text
    carded = talk(procedure("1.001193", agency=agency, flags=["agency_elsewhere"]))
    assert "Nghệ An" not in tap(carded, "pick:1.001193").text


# ---- 10: combining characters ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        unicodedata.normalize("NFD", "đăng ký khai sinh cần giấy tờ gì"),
        "đăng\u00a0ký\u200b khai\u2003sinh cần giấy tờ gì",
        "đăng ky\u0301 khai sinh cần giâý tơ\u0300 gì",
    ],
    ids=["decomposed", "odd spaces", "loose marks"],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_combining_characters_match_in_question_and_record(text: str, form: Any) -> None:
    name = unicodedata.normalize(form, "Đăng ký khai sinh")
    record = procedure(name=name, documents=[{"items": DOSSIER}])
    reply = say(talk(record, procedure("1.000002", "Đăng ký kết hôn")), text)
    assert "mã thủ tục 1.000001" in reply.text
    assert "Tờ khai mẫu" in reply.text


# ---- the shipped catalogue ---------------------------------------------------------------------------------


@cache
def shipped() -> Catalogue:
    return load()


@pytest.fixture(scope="module")
def real() -> Assistant:
    return Assistant.build(shipped(), Finds(), None, known=known())


def flagged(flag: Flag, size: int = SAMPLE) -> list[Procedure]:
    found = [p for p in shipped() if p.has(flag)]
    return found if len(found) <= size else random.Random(SEED).sample(found, size)


def ids(records: list[Procedure]) -> list[str]:
    return [p.code for p in records]


def test_no_conflicting_fee_of_the_catalogue_is_answered_as_free(real: Assistant) -> None:
    records = flagged(Flag.FEE_CONFLICT)
    assert len(records) > 200
    for record in records:
        fee = tap(real, "aspect:fee", record.code).text
        overview = tap(real, f"pick:{record.code}").text
        for text in (fee, overview):
            assert "iễn phí" not in text, record.code


def test_the_words_free_of_charge_do_not_stand_in_a_conflicting_answer(real: Assistant) -> None:
    said = [p.code for p in flagged(Flag.FEE_CONFLICT) if "iễn phí" in tap(real, "aspect:fee", p.code).text]
    assert said == []


def test_no_wrong_page_of_the_catalogue_tells_facts(real: Assistant) -> None:
    for record in flagged(Flag.WRONG_PAGE):
        assert record.detail is Detail.NAME_ONLY
        for reply in everything(real, record.code):
            assert "Tôi mới có tên thủ tục này" in reply.text, record.code


def test_unclear_times_of_the_catalogue_name_no_number(real: Assistant) -> None:
    for record in flagged(Flag.TIME_UNCLEAR):
        text = tap(real, "aspect:time", record.code).text
        if not any(time.value is not None or time.immediate for c in record.channels for time in c.times):
            served = record.detail is Detail.FULL and not record.has(Flag.LOCAL_VERSION)
            assert not served or "chưa rõ" in text, record.code


def test_papers_of_the_catalogue_are_told_by_their_kind(real: Assistant) -> None:
    some = [p for p in shipped() if p.detail is Detail.FULL and not p.has(Flag.LOCAL_VERSION)]
    some = [p for p in some if any(x.kind != "submit" for case in p.documents for x in case.items)]
    for record in some:
        text = tap(real, "aspect:documents", record.code).text
        submit = {x.name for case in record.documents for x in case.items if x.kind == "submit"}
        for case in record.documents:
            for paper in case.items:
                if paper.kind == "note" and paper.name not in submit:
                    assert f"• {paper.name}\n" not in text, record.code
                if paper.kind == "show" and f"• {paper.name}" in text:
                    assert "không phải nộp" in text, record.code


def test_no_local_version_of_the_catalogue_tells_facts(real: Assistant) -> None:
    offered = {
        code for card in cards.load().values() for code in (card.code, *(s.code for s in card.siblings))
    }
    offered |= {task.code for event in life_events.load().by_id.values() for task in event.tasks}
    records = flagged(Flag.LOCAL_VERSION)
    assert len(records) > 50
    for record in records:
        assert record.code not in offered
        members = shipped().families.get(record.family, ())
        assert record not in members
        for reply in everything(real, record.code):
            assert "của một tỉnh khác" in reply.text, record.code
            assert not record.agency or record.agency in record.name or record.agency not in reply.text


def test_the_agencies_elsewhere_of_the_catalogue_are_not_told(real: Assistant) -> None:
    for record in flagged(Flag.AGENCY_ELSEWHERE):
        for text in (tap(real, f"pick:{record.code}").text, tap(real, "aspect:place", record.code).text):
            assert not record.agency or record.agency not in text, record.code


def test_the_district_level_of_the_catalogue_is_explained_where_to_go(real: Assistant) -> None:
    for record in flagged(Flag.DISTRICT_LEVEL):
        if record.detail is Detail.FULL and not record.has(Flag.LOCAL_VERSION):
            assert DISTRICT_GONE in tap(real, "aspect:place", record.code).text, record.code


def test_level_twins_of_the_catalogue_are_told_apart(real: Assistant) -> None:
    families = [m for m in shipped().families.values() if len({p.levels for p in m}) > 1]
    assert len(families) > 100
    alike = {}
    for members in families:
        hit = Hit(members[0].family, tuple(p.code for p in members), 1.0, 1.0, 1.0)
        found = Finds(Ranking((hit,), Verdict.ANSWER, 0.9, 2.0, 4, ("lexical",)))
        assistant = replace(real, reader=replace(real.reader, search=found))
        reply = say(assistant, without_level(members[0].name))
        titles = [b.title for b in reply.buttons]
        if len(set(titles)) < len(titles):
            alike[members[0].code] = titles
    assert alike == {}


def test_every_answer_of_the_catalogue_can_be_given(real: Assistant) -> None:
    """A sample of all records in every aspect: nothing raises, no button is too long, none is empty."""
    served = [p for p in shipped() if not p.has(Flag.LOCAL_VERSION)]
    for record in random.Random(SEED).sample(served, SAMPLE):
        for reply in everything(real, record.code):
            assert f"{record.code}" in reply.text
            assert all(0 < len(b.title) <= MAX_BUTTON for b in reply.buttons), record.code
            assert not re.search(r"\bNone\b|\{\{|\}\}", reply.text), record.code


def test_there_is_a_test_for_every_trap() -> None:
    assert [trap.number for trap in TRAPS] == list(range(1, 11))
