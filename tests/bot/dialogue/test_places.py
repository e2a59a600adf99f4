"""Where somebody is and where to go, as the bot says it."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant, Turn
from bot.dialogue.state import ConversationState
from bot.messages import Message
from tests.bot.test_assistant import WordSearch
from tests.factories import catalogue


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    small = catalogue()
    return Assistant.build(small, WordSearch(small), None)


def said(assistant: Assistant, text: str) -> Turn:
    return assistant.reply(ConversationState(introduced=True), Message(text))


def test_a_former_commune_is_found_with_its_centre(assistant: Assistant) -> None:
    turn = said(assistant, "tôi ở xã Thọ Hải cũ, ra đâu làm giấy tờ")
    assert turn.decision.reason == "commune"
    for part in (
        "Xã Thọ Hải trước đây nay thuộc xã Xuân Hòa.",
        "Trung tâm Phục vụ hành chính công xã Xuân Hòa",
        "nên hỏi trước",  # the hours are not confirmed
        "có hiệu lực từ 1/7/2025",
    ):
        assert part in turn.reply.text


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("toi o xa tho hai cu ra dau lam giay to", ["Xuân Hòa"]),
        ("tôi ở huyện Thọ Xuân", ["không còn từ 1/7/2025", "Gõ tên xã cũ"]),
        ("nhà tôi ở phường Bến Nghé quận 1", ["Hồ Chí Minh", "Sài Gòn"]),
    ],
)
def test_districts_other_provinces_and_no_accents(assistant: Assistant, text: str, parts: list[str]) -> None:
    text = said(assistant, text).reply.text
    for part in parts:
        assert part in text


def test_a_divided_commune_is_only_a_perhaps(assistant: Assistant) -> None:
    communes = assistant.reader.known.communes
    unit = next(unit for unit in communes.units("Thanh Hóa").old if unit.divided)
    text = said(assistant, f"tôi ở {unit.full} {unit.district_full} cũ").reply.text
    assert "có thể thuộc" in text
    for commune in unit.became:
        assert commune.full in text
    assert "Nơi làm giấy tờ" not in text


def test_the_place_of_a_procedure_names_the_centre_of_the_commune_said(assistant: Assistant) -> None:
    text = said(assistant, "đăng ký khai sinh ở xã Thọ Hải thì nộp ở đâu").reply.text
    assert "Ủy ban nhân dân cấp xã" in text
    assert "Trung tâm Phục vụ hành chính công xã Xuân Hòa" in text


@pytest.mark.parametrize("text", ["đăng ký kết hôn", "đăng ký khai sinh cho con ở xã Thọ Hải"])
def test_a_procedure_that_is_named_stays_the_answer(assistant: Assistant, text: str) -> None:
    assert said(assistant, text).decision.action == "answer"
