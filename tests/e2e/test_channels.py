"""Whole conversations on each channel: the real bot, the real webhooks, the real sending, fake vendors.

What people see stands in `channels/*.txt`. `TROLY_UPDATE_TRANSCRIPTS=1` writes those files anew: read the
difference with your own eyes before you commit it.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.storage.keys import conversation_key
from bot.storage.models import AddressRow, ConversationRow, InboxRow, OutboxRow
from tests.e2e.talking import SECRET, Bot, Conversation, menu_numbers, talking_bot
from tests.fakes.phones import ZaloBotPhone
from tests.fakes.vendors_app import CHANNELS

TRANSCRIPTS = Path(__file__).with_name("channels")
UPDATES = os.environ.get("TROLY_UPDATE_TRANSCRIPTS") == "1"
ZALO = ("zalo_oa", "zalo_bot")
MAX_ZALO = 1900
BUTTON_WORDS = re.compile(r'bấm chọn|bấm nút dưới|bấm "', re.IGNORECASE)  # of our own, not of a page


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with talking_bot(tmp_path_factory.mktemp("bot")) as running:
        yield running


def expected(name: str, conversation: Conversation) -> None:
    """Hold the conversation against what is stored, or store it."""
    file = TRANSCRIPTS / f"{name}.txt"
    if UPDATES:
        file.write_text(conversation.text(), "utf-8")
    assert conversation.text() == file.read_text("utf-8")


@pytest.fixture(scope="module")
def whole(bot: Bot) -> Callable[[str], Conversation]:
    """Give the conversation from finding to "thank you" (`_held`), held once a channel."""
    held: dict[str, Conversation] = {}

    def of(channel: str) -> Conversation:
        if channel not in held:
            held[channel] = _held(Conversation.on(bot, channel, 1))
        return held[channel]

    return of


def _held(talk: Conversation) -> Conversation:
    talk.writes("làm giấy khai sinh cho con")
    talk.writes("1")
    talk.writes("lệ phí bao nhiêu")
    talk.writes("hướng dẫn tôi nộp online")
    talk.chooses("Nộp qua mạng")
    talk.writes("tiếp")
    talk.chooses("Con có giấy chứng sinh")
    talk.chooses("Tôi bị kẹt")
    talk.chooses("Tiếp theo")
    talk.writes("bao lâu thì xong")
    talk.writes("dừng")
    talk.writes("cảm ơn")
    return talk


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_whole_conversation_reads_as_expected(channel: str, whole: Callable[[str], Conversation]) -> None:
    expected(channel, whole(channel))


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_turn_is_one_message(channel: str, whole: Callable[[str], Conversation]) -> None:
    assert [len(turn) for turn in whole(channel).answers] == [1] * 12


@pytest.mark.parametrize("channel", ZALO)
def test_a_zalo_message_fits(channel: str, whole: Callable[[str], Conversation]) -> None:
    assert max(len(text.encode("utf-16-le")) // 2 for text in _texts(whole(channel))) <= MAX_ZALO


@pytest.mark.parametrize("channel", ZALO)
def test_zalo_numbers_nothing_twice(channel: str, whole: Callable[[str], Conversation]) -> None:
    numbers = [menu_numbers(text) for text in _texts(whole(channel))]
    assert [found for found in numbers if len(found) != len(set(found))] == []


@pytest.mark.parametrize("channel", ZALO)
def test_zalo_speaks_of_no_button(channel: str, whole: Callable[[str], Conversation]) -> None:
    assert [found for text in _texts(whole(channel)) for found in BUTTON_WORDS.findall(text)] == []


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_is_no_question_is_answered_too(channel: str, bot: Bot) -> None:
    talk = Conversation.on(bot, channel, 2)
    for deed in ("follow", "sticker", "withheld"):
        if deed in talk.phone.deeds:
            talk.does(deed)
    talk.writes("/menu")
    expected(f"{channel}_other", talk)


@pytest.mark.parametrize("channel", ["telegram", "zalo_oa"])
def test_a_follower_is_told_once_that_nobody_but_a_machine_answers(channel: str, bot: Bot) -> None:
    talk = Conversation.on(bot, channel, 6)
    talk.does("follow")
    talk.writes("đăng ký kết hôn cần giấy tờ gì")
    assert sum("trợ lý tự động" in text for text in _texts(talk)) == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_erasing_is_confirmed_and_leaves_nothing_of_the_person(channel: str, bot: Bot) -> None:
    talk = Conversation.on(bot, channel, 3)
    talk.writes("đăng ký kết hôn cần giấy tờ gì")
    assert kept(bot, channel, talk) == {"addresses": 1, "conversations": 1, "inbox": 1, "outbox": 1}
    talk.writes("/xoa")
    assert kept(bot, channel, talk) == {"addresses": 0, "conversations": 0, "inbox": 0, "outbox": 0}
    talk.writes("cần giấy tờ gì")
    expected(f"{channel}_erased", talk)


def test_an_old_message_is_greeted_and_the_next_one_answered(bot: Bot) -> None:
    phone = ZaloBotPhone(bot.vendors.zalo_bot, f"{bot.url}/hooks/zalo_bot", "b7e1old")
    assert asyncio.run(phone.wrote("đăng ký kết hôn ở đâu", hours_ago=7)) == 200
    bot.settle()
    (greeting,) = phone.shown()
    assert "đã quay lại" in greeting.text and "kết hôn" not in greeting.text
    asyncio.run(phone.writes("đăng ký kết hôn ở đâu"))
    bot.settle()
    assert "kết hôn" in phone.shown()[-1].text


def test_who_blocks_the_bot_in_telegram_gets_nothing_and_may_come_back(bot: Bot) -> None:
    talk = Conversation.on(bot, "telegram", 4)
    talk.writes("đăng ký kết hôn")
    before = dead(bot)
    assert talk.does("block") == []
    assert dead(bot) == before
    talk.does("unblock")
    assert "kết hôn" in talk.writes("đăng ký kết hôn")[0].text.lower()


def test_an_answer_to_somebody_who_has_just_left_is_laid_aside(bot: Bot) -> None:
    talk = Conversation.on(bot, "telegram", 5)
    talk.writes("xin chào")
    bot.vendors.telegram.blocked.add(1005)  # and the news of it has not come yet
    before = dead(bot)
    assert talk.writes("đăng ký kết hôn") == []
    assert dead(bot) == before + 1
    assert bot.wired.delivery.health()["channel_telegram"] == ""


def kept(bot: Bot, channel: str, talk: Conversation) -> dict[str, int]:
    """Return how many rows each table has of this person."""
    key = conversation_key(SECRET.encode(), channel, str(talk.phone.person))
    asked = {
        "addresses": select(func.count()).where(AddressRow.conversation == key),
        "conversations": select(func.count()).where(ConversationRow.id == key),
        "inbox": select(func.count()).where(InboxRow.conversation == key),
        "outbox": select(func.count()).where(OutboxRow.conversation == key),
    }
    with bot.engine.connect() as connection:
        return {name: connection.scalar(question) or 0 for name, question in asked.items()}


def dead(bot: Bot) -> int:
    """Return how many answers were laid aside."""
    return bot.wired.delivery.stores.outbox.counts().get("dead", 0)


def _texts(talk: Conversation) -> list[str]:
    return [shown.text for turn in talk.answers for shown in turn]
