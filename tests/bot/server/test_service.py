"""Turns of one conversation follow each other, those of others do not wait, and lost races are run again."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from bot.dialogue.state import ConversationState
from bot.messages import Message
from bot.server.conversations import Conversations
from bot.server.locks import KeyedLocks
from bot.server.sentences import load_sentences
from bot.storage.conversations import SqlConversations
from bot.storage.database import open_database
from bot.storage.keys import conversation_key

SECRET = b"s" * 32


class Ready:
    def __init__(self, assistant: Any) -> None:
        self._assistant = assistant

    def serving(self) -> Any:
        return self

    @property
    def assistant(self) -> Any:
        return self._assistant

    def source(self, code: str) -> None:
        return None


@pytest.fixture
def store(tmp_path: Path) -> SqlConversations:
    return SqlConversations(open_database(f"sqlite:///{tmp_path}/troly.db"))


@pytest.fixture
def service(store: SqlConversations, fakes: Any) -> Conversations:
    return Conversations(store, Ready(fakes.assistant), SECRET, load_sentences())


def test_messages_sent_at_once_are_all_counted(service: Conversations) -> None:
    said: list[str] = []
    threads = [
        threading.Thread(target=lambda: said.append(service.handle("rest", "a", Message("x")).reply.text))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(text.split("|")[0]) for text in said) == list(range(1, 13))


def test_another_conversation_does_not_wait(service: Conversations, fakes: Any) -> None:
    fakes.assistant.hold = threading.Event()
    slow = threading.Thread(target=lambda: service.handle("rest", "slow", Message("x")))
    slow.start()
    while not fakes.assistant.seen:
        pass
    held, fakes.assistant.hold = fakes.assistant.hold, None
    assert service.handle("rest", "quick", Message("y")).action == "answer"
    assert slow.is_alive()
    held.set()
    slow.join()


def test_a_turn_over_what_another_process_wrote_is_run_again(
    service: Conversations, store: SqlConversations, fakes: Any
) -> None:
    key = conversation_key(SECRET, "rest", "a")
    original, raced = fakes.assistant.reply, []

    def reply(state: ConversationState, message: Message) -> Any:
        if not raced:
            raced.append(store.save(key, ConversationState(ask_rounds=7), 0))
        return original(state, message)

    fakes.assistant.reply = reply
    assert service.handle("rest", "a", Message("x")).reply.text.startswith("8|")
    assert store.load(key).version == 2


def test_nothing_of_the_sender_is_stored(service: Conversations, tmp_path: Path) -> None:
    service.handle("rest", "sender-0912345678", Message("mot cau hoi rat rieng"))
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("troly.db*"))
    assert b"sender-0912345678" not in stored
    assert b"rat rieng" not in stored


def test_locks_are_dropped_when_nobody_holds_them() -> None:
    locks = KeyedLocks()
    with locks.held("a"), locks.held("b"):
        assert len(locks) == 2
    assert len(locks) == 0
