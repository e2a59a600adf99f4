"""Conversations are kept, survive old states, and never overwrite each other."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from bot.dialogue.state import Choice, ConversationState
from bot.storage.conversations import ConflictingWrite, SqlConversations
from bot.storage.database import open_database
from bot.storage.keys import conversation_key

STATE = ConversationState(introduced=True, code="1.001193", menu=(Choice(payload="aspect:fee"),))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_database(f"sqlite:///{tmp_path}/var/troly.db")


@pytest.fixture
def store(engine: Engine) -> SqlConversations:
    return SqlConversations(engine)


def test_a_new_conversation_has_a_new_state(store: SqlConversations) -> None:
    assert store.load("nobody").state == ConversationState()
    assert store.load("nobody").version == 0


def test_what_is_saved_is_loaded_after_a_restart(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/troly.db"
    SqlConversations(open_database(address)).save("k", STATE, 0)
    stored = SqlConversations(open_database(address)).load("k")
    assert (stored.state, stored.version) == (STATE, 1)


def test_a_turn_over_an_older_one_is_refused(store: SqlConversations) -> None:
    store.save("k", STATE, 0)
    store.save("k", STATE, 1)
    with pytest.raises(ConflictingWrite):
        store.save("k", ConversationState(), 1)
    with pytest.raises(ConflictingWrite):
        store.save("k", ConversationState(), 0)
    assert store.load("k").state == STATE


def test_what_was_erased_meanwhile_does_not_come_back(store: SqlConversations) -> None:
    store.save("k", STATE, 0)
    store.erase("k")
    store.erase("k")
    with pytest.raises(ConflictingWrite):
        store.save("k", STATE, 1)
    assert store.load("k").version == 0


@pytest.mark.parametrize("json", ['{"code": 5}', '"words"', "[]", '{"menu": "x"}', "null"])
def test_a_state_of_another_time_starts_anew_and_can_be_saved(engine: Engine, json: str) -> None:
    store = SqlConversations(engine)
    store.save("k", STATE, 0)
    with engine.begin() as connection:
        connection.execute(text("update conversation set state = :s"), {"s": json})
    stored = store.load("k")
    assert stored.state == ConversationState()
    assert store.save("k", STATE, stored.version) == 2


def test_unknown_fields_of_a_newer_version_are_ignored(engine: Engine) -> None:
    store = SqlConversations(engine)
    store.save("k", STATE, 0)
    with engine.begin() as connection:
        connection.execute(text("""update conversation set state = '{"introduced": true, "later": 1}'"""))
    assert store.load("k").state.introduced


def test_of_many_writers_at_once_one_wins_each_turn(store: SqlConversations) -> None:
    store.save("k", STATE, 0)
    wins: list[int] = []

    def write() -> None:
        with suppress(ConflictingWrite):
            wins.append(store.save("k", STATE, 1))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wins == [2]


def test_keys_are_hashes_that_tell_channels_and_senders_apart() -> None:
    secret = b"s" * 32
    keys = {
        conversation_key(secret, "rest", "a"),
        conversation_key(secret, "web", "a"),
        conversation_key(secret, "res", "ta"),
        conversation_key(b"t" * 32, "rest", "a"),
        conversation_key(secret, "rest", "\ud800"),
    }
    assert len(keys) == 5
    assert all(len(key) == 64 for key in keys)
