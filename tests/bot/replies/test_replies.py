"""Every sentence is there, renders, and is used."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import bot
from bot.dialogue.decision import Action, Move
from bot.dialogue.state import Aspect
from bot.replies.renderer import Replies, UnknownReply, load_labels
from procedures_kb.model import How, Level
from vietnamese import normalise

REPLIES = Replies.load()
SOURCES = "\n".join(
    file.read_text("utf-8")
    for file in Path(bot.__file__).parent.rglob("*")
    if file.suffix in {".py", ".yaml"} and file.name != "replies.yaml"
)


def test_every_action_that_speaks_plainly_has_its_sentence() -> None:
    composed = {Action.ANSWER, Action.ASK_BACK, Action.GUIDE, Action.UNREADABLE}
    assert {action.value for action in Action if action not in composed} <= REPLIES.keys


def test_labels_are_complete() -> None:
    labels = load_labels()
    assert set(labels.aspects) == set(Aspect)
    assert set(labels.channels) == set(How)
    assert set(labels.levels) == set(labels.level_adjectives) == set(Level)
    assert set(Move) - {Move.START} <= set(labels.moves)


@pytest.mark.parametrize("key", sorted(REPLIES.keys))
def test_every_sentence_is_used(key: str) -> None:
    by_value = {action.value for action in Action}
    by_aspect = {aspect.value for aspect in Aspect}
    assert key in by_value | by_aspect or re.search(rf"[\"']{key}[\"']", SOURCES)


@pytest.mark.parametrize("key", sorted(load_labels().buttons))
def test_every_button_label_is_used(key: str) -> None:
    labels = (Path(bot.__file__).parent / "replies" / "labels.yaml").read_text("utf-8")
    replies = (Path(bot.__file__).parent / "replies" / "replies.yaml").read_text("utf-8")
    assert re.search(rf"[\"']{key}[\"']", SOURCES.replace(labels, "") + replies)


@pytest.mark.parametrize("key", sorted(REPLIES.keys))
def test_every_sentence_compiles(key: str) -> None:
    with suppress(UndefinedError):  # it wants values: its syntax was read
        REPLIES.render(key)


def test_texts_are_in_canonical_spelling() -> None:
    for name in ("replies.yaml", "labels.yaml"):
        text = (Path(bot.__file__).parent / "replies" / name).read_text("utf-8")
        for line in text.splitlines():
            words = " ".join(line.split())
            assert normalise(words).replace("-", "") == words.replace("–", "").replace("—", "").replace(
                "-", ""
            ), line


def test_an_unknown_sentence_and_a_missing_value_are_errors() -> None:
    with pytest.raises(UnknownReply):
        REPLIES.render("no_such_sentence")
    with pytest.raises(UndefinedError):
        REPLIES.render("source")


def test_no_sentence_asks_for_secrets() -> None:
    asks = re.compile(r"(?:gửi|cho tôi|nhập|đọc)[^.\n]{0,20}(?:OTP|mật khẩu|passcode|số căn cước)", re.I)
    text = (Path(bot.__file__).parent / "replies" / "replies.yaml").read_text("utf-8")
    for match in asks.finditer(text):
        before = text[max(0, match.start() - 20) : match.start()].lower()
        assert "đừng" in before or "không" in before
