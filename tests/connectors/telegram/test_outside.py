"""A conversation through telemelya, a Bot API server that nobody here wrote, in a process of its own.

It keeps its state in Redis and media in an S3 store; fakeredis is the one, a page that says 200 the other.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import anyio.from_thread
import httpx
import pytest
from fastapi import FastAPI, Request, Response

from bot.messages import Button, Link, MessageKind, Reply
from connectors.messaging import Forged, Update
from connectors.telegram.channel import SECRET_HEADER, TelegramChannel
from connectors.telegram.setup import set_webhook, webhook_state
from tests.connectors.telegram.conftest import SECRET
from tests.fakes.serving import free_socket, serving
from tests.fakes.telegram import TOKEN

fakeredis = pytest.importorskip("fakeredis", reason="pip install fakeredis")
telemelya = pytest.importorskip("telemelya.client.client", reason="pip install telemelya")
pytestmark = pytest.mark.slow
PERSON = 5_550_002
START_S = 60  # a bound against hanging, not a measure


@contextmanager
def redis() -> Iterator[str]:
    with free_socket() as probe:
        address = probe.getsockname()
    server = fakeredis.TcpFakeServer(address)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"redis://{address[0]}:{address[1]}/0"
    finally:
        server.shutdown()
        server.server_close()


def store() -> FastAPI:
    app = FastAPI()
    app.add_api_route("/{path:path}", lambda path: Response(), methods=["HEAD", "PUT"])
    return app


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("telemelya")
    with redis() as redis_url, serving(store()) as store_url:
        with free_socket() as probe:
            port = probe.getsockname()[1]
        environment = os.environ | {
            "MOCK_SERVER_HOST": "127.0.0.1",
            "MOCK_SERVER_PORT": str(port),
            "REDIS_URL": redis_url,
            "MINIO_ENDPOINT": store_url.removeprefix("http://"),
        }
        command = [sys.executable, "-m", "telemelya.server.app"]
        log = (folder / "log").open("wb")
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_for(url, process)
            yield url
        finally:
            process.terminate()
            process.wait(10)
            log.close()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(url, timeout=1)
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    pytest.fail("telemelya does not start")


def our_server(channel: TelegramChannel, *, proven: bool) -> FastAPI:
    """Answer with an echo at once; `proven` adds the secret that telemelya does not send."""
    app = FastAPI()

    @app.post("/webhooks/telegram")
    async def webhook(request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if proven:
            headers[SECRET_HEADER] = SECRET
        try:
            updates = channel.updates(headers, await request.body(), datetime.now(UTC))
        except Forged:
            return Response(status_code=401)
        for update in updates:
            await channel.typing(update.chat)
            for part in channel.parts(_echo(update), None, None):
                await channel.send(update.chat, part)
        return Response()

    return app


def _echo(update: Update) -> Reply:
    assert update.message is not None
    if update.message.kind is MessageKind.PAYLOAD:
        return Reply(f"Bạn bấm {update.message.text} & <xong>.")
    link = Link("Cổng", "https://dichvucong.gov.vn")
    return Reply(f"Bạn gõ\n{update.message.text}", (Button("Lệ phí", "aspect:fee"),), (link,))


def connect(outside: str, server: str) -> None:
    async def set_up() -> None:
        channel = TelegramChannel(TOKEN, SECRET, base_url=outside)
        address = f"{server}/webhooks/telegram"
        assert (await set_webhook(channel, address)).url == address
        assert (await webhook_state(channel)).last_error is None
        await channel.aclose()

    with anyio.from_thread.start_blocking_portal() as portal:
        portal.call(set_up)


def texts(responses: list[dict[str, Any]]) -> list[str]:
    return [one["text"] for one in responses if one["method"] == "sendMessage"]


def test_a_conversation_through_an_outside_server(outside: str) -> None:
    channel = TelegramChannel(TOKEN, SECRET, base_url=outside)
    with serving(our_server(channel, proven=True)) as server:
        connect(outside, server)
        with telemelya.TelegramTestClient(outside, "any", TOKEN) as person:
            assert person.send_command(PERSON, "start")["delivery"]["status_code"] == 200
            (first,) = [one for one in person.get_responses() if one["method"] == "sendMessage"]
            assert first["text"] == "<b>Bạn gõ</b>\n/start"
            keys = first["reply_markup"]["inline_keyboard"]
            assert keys == [
                [{"text": "Lệ phí", "callback_data": "aspect:fee"}],
                [{"text": "Cổng", "url": "https://dichvucong.gov.vn"}],
            ]
            person.send_callback_query(PERSON, keys[0][0]["callback_data"], first["message_id"])
            responses = person.get_responses()
            assert texts(responses)[1:] == ["Bạn bấm aspect:fee &amp; &lt;xong&gt;."]
            assert {one["method"] for one in responses} == {
                "sendMessage",
                "sendChatAction",
                "answerCallbackQuery",
            }
            person.send_message(PERSON, "làm khai sinh")
            assert texts(person.get_responses())[2:] == ["<b>Bạn gõ</b>\nlàm khai sinh"]


def test_an_outside_server_without_the_secret_is_refused(outside: str) -> None:
    channel = TelegramChannel(TOKEN, SECRET, base_url=outside)
    with serving(our_server(channel, proven=False)) as server:
        connect(outside, server)
        with telemelya.TelegramTestClient(outside, "any", TOKEN) as person:
            assert person.send_command(PERSON, "start")["delivery"]["status_code"] == 401
            assert person.get_responses() == []
