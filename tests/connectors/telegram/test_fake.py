"""The fake Bot API is driven by a client that nobody here wrote: python-telegram-bot's own Application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from telegram import BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, RetryAfter, TimedOut
from telegram.ext import Application, CallbackQueryHandler, CommandHandler, ContextTypes, ExtBot

from tests.connectors.telegram.conftest import PERSON
from tests.fakes.serving import serving
from tests.fakes.telegram import TOKEN, FakeTelegram, Fault
from tests.fakes.telegram_html import CannotParse, Entity, parsed

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning"),
]
Context = ContextTypes.DEFAULT_TYPE


@pytest.fixture
async def bot(fake: FakeTelegram, anyio_backend: str) -> AsyncIterator[ExtBot[None]]:
    with serving(fake.app()) as url:
        fake.url = url
        async with ExtBot(TOKEN, base_url=f"{url}/bot") as bot:
            yield bot


async def until(true: Callable[[], Any]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)


async def test_the_librarys_own_application_holds_a_conversation(fake: FakeTelegram) -> None:
    async def start(update: Update, _: Context) -> None:
        assert update.message is not None
        keys = InlineKeyboardMarkup([[InlineKeyboardButton("Lệ phí", callback_data="aspect:fee")]])
        await update.message.reply_html("<b>Chào</b> bạn", reply_markup=keys)

    async def tapped(update: Update, _: Context) -> None:
        assert update.callback_query is not None
        assert update.effective_chat is not None
        await update.callback_query.answer()
        await update.effective_chat.send_message(update.callback_query.data or "")

    with serving(fake.app()) as url:
        app = Application.builder().token(TOKEN).base_url(f"{url}/bot").build()
        app.add_handlers([CommandHandler("start", start), CallbackQueryHandler(tapped)])
        async with app:
            assert app.updater is not None
            await app.start()
            await app.updater.start_polling(poll_interval=0, timeout=1)
            fake.says(PERSON, "/start")
            await until(lambda: fake.sent)
            fake.taps(PERSON, fake.sent[0], "Lệ phí")
            await until(lambda: len(fake.sent) == 2)
            await app.updater.stop()
            await app.stop()
    assert [(one.text, one.entities) for one in fake.sent] == [
        ("Chào bạn", (Entity("bold", 0, 4),)),
        ("aspect:fee", ()),
    ]
    assert not fake.loading


async def test_limits_are_the_vendors(bot: ExtBot[None], fake: FakeTelegram) -> None:
    def key(data: str) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup([[InlineKeyboardButton("a", callback_data=data)]])

    await bot.send_message(PERSON, "<b>" + "&lt;" * 4096 + "</b>", parse_mode="HTML")
    await bot.send_message(PERSON, "a", reply_markup=key("ế" * 21 + "x"))
    for wrong, said in [
        ({"text": "x" * 4097}, "too long"),
        ({"text": "😀" * 2049}, "too long"),
        ({"text": " "}, "empty"),
        ({"text": "a", "reply_markup": key("ế" * 22)}, "Button_data_invalid"),
        ({"text": "a", "parse_mode": "HTML", "reply_markup": key("a" * 65)}, "Button_data_invalid"),
        ({"text": "1 < 2", "parse_mode": "HTML"}, "Can't parse entities"),
        ({"text": "a", "parse_mode": "XML"}, "parse_mode"),
    ]:
        with pytest.raises(BadRequest, match=said):
            await bot.send_message(PERSON, **wrong)  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(PERSON + 1, "a")
    with pytest.raises(BadRequest, match=r"[Ww]rong parameter action"):
        await bot.send_chat_action(PERSON, "dancing")
    with pytest.raises(BadRequest, match=r"[Qq]uery is too old"):
        await bot.answer_callback_query("12")
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(PERSON, "https://a.example/1.png", "x" * 1025)
    assert len(fake.sent) == 2


async def test_failures_are_the_vendors(bot: ExtBot[None], fake: FakeTelegram) -> None:
    for fault, error in [
        (Fault("too_many", retry_after=3), RetryAfter),
        (Fault("status"), NetworkError),
        (Fault("html"), NetworkError),
        (Fault("cut"), NetworkError),
        (Fault("slow", seconds=0.5), TimedOut),
    ]:
        fake.fail("sendMessage", fault)
        with pytest.raises(error):
            await bot.send_message(PERSON, "a", read_timeout=0.2)
    fake.blocks(PERSON)
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(PERSON, "a")
    for token in ("1:x", TOKEN[:-1] + "9"):
        with pytest.raises(InvalidToken):
            await ExtBot(token, base_url=f"{fake.url}/bot").get_me()


async def test_only_one_may_ask_for_updates(bot: ExtBot[None], fake: FakeTelegram) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await until(lambda: fake.asked["getupdates"])
    fake.says(PERSON, "a")
    async with ExtBot(TOKEN, base_url=f"{fake.url}/bot") as other:
        assert len(await first) == 1
        waiting = asyncio.create_task(bot.get_updates(offset=fake.pending[0]["update_id"] + 1, timeout=5))
        await until(lambda: fake.asked["getupdates"] == 2)
        after = asyncio.create_task(other.get_updates(timeout=1))
        with pytest.raises(Conflict, match="terminated by other"):
            await waiting
        assert await after == ()
    await bot.set_webhook("https://troly.example/x", secret_token="abc")
    with pytest.raises(Conflict, match="webhook is active"):
        await bot.get_updates()


async def test_webhooks_and_commands_are_checked(bot: ExtBot[None], fake: FakeTelegram) -> None:
    for url, secret in [
        ("http://troly.example", None),
        ("https://troly.example:8080", None),
        ("https://troly.example", "no spaces"),
    ]:
        with pytest.raises(BadRequest):
            await bot.set_webhook(url, secret_token=secret)
    await bot.set_my_commands([BotCommand("menu", "Xem")])
    assert [one.command for one in await bot.get_my_commands()] == ["menu"]
    with pytest.raises(BadRequest):
        await bot.set_my_commands([("Menu", "x")])
    await bot.set_webhook("https://troly.example/x", drop_pending_updates=True)
    assert (await bot.get_webhook_info()).url == "https://troly.example/x"


async def test_every_update_of_the_phones_is_of_the_bot_api(bot: ExtBot[None], fake: FakeTelegram) -> None:
    fake.says(PERSON, "/start")
    fake.taps_key(PERSON, "a")
    fake.shows(PERSON)
    fake.edits(PERSON, "b")
    fake.blocks(PERSON)
    fake.unblocks(PERSON)
    fake.says_in_group(PERSON, "c")
    updates = await bot.get_updates()
    assert len(updates) == 7
    assert not any(update.api_kwargs for update in updates)
    assert all(update.effective_chat for update in updates)


async def test_the_pace_of_a_chat_and_of_the_bot_is_kept(fake: FakeTelegram) -> None:
    fake.people |= set(range(100))
    fake.enforces_pace = True
    async with httpx.AsyncClient(transport=httpx.ASGITransport(fake.app()), base_url="http://t") as client:
        sent = [await client.post(f"/bot{TOKEN}/sendMessage", json={"chat_id": 1, "text": "a"}) for _ in "ab"]
        many = [
            await client.post(f"/bot{TOKEN}/sendMessage", json={"chat_id": person, "text": "a"})
            for person in range(10, 50)
        ]
    assert [one.status_code for one in sent] == [200, 429]
    assert sent[1].json()["parameters"] == {"retry_after": 1}
    assert 0 < sum(one.status_code == 429 for one in many) < 40


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("a &lt; b &amp; c &#8364; &nbsp; & d", "a < b & c € &nbsp; & d", []),
        ("<b>x</b> <i>y</i>", "x y", [Entity("bold", 0, 1), Entity("italic", 2, 1)]),
        ("😀<b>x<i>y</i></b>", "😀xy", [Entity("bold", 2, 2), Entity("italic", 3, 1)]),
        ('<a href="https://a.example">x</a>', "x", [Entity("text_link", 0, 1, "https://a.example")]),
        ('<span class="tg-spoiler">x</span>', "x", [Entity("spoiler", 0, 1)]),
        ("1 > 2", "1 > 2", []),
    ],
)
async def test_html_is_read_as_telegram_does(html: str, text: str, entities: list[Entity]) -> None:
    assert parsed(html) == (text, entities)


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ("<b>x", "end tag corresponding"),
        ("x</b>", "unexpected end tag at byte offset 1"),
        ("ế <c>", 'unsupported start tag "c" at byte offset 4'),
        ("<b>x</i>", "unmatched end tag"),
        ("1 <2", "unclosed start tag at byte offset 2"),
        ("1 < 2", 'unsupported start tag "" at byte offset 2'),
        ("1 < 2 > 0", "unsupported start tag"),
        ("<br/>", "unsupported start tag"),
        ("<span>x</span>", "tg-spoiler"),
    ],
)
async def test_html_that_telegram_refuses(html: str, said: str) -> None:
    with pytest.raises(CannotParse, match=said):
        parsed(html)
