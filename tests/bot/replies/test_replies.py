"""Every sentence is there, renders, and is used."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from jinja2 import UndefinedError

import bot
from bot.dialogue.decision import Action, Mark, Move
from bot.dialogue.dossier import Shape, Way
from bot.dialogue.state import Aspect
from bot.dialogue.walkthrough import load_words
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
    composed = {Action.ANSWER, Action.ASK_BACK, Action.GUIDE, Action.UNREADABLE, Action.CHECK, Action.HELPER}
    assert {action.value for action in Action if action not in composed} <= REPLIES.keys
    assert {"helper_on", "helper_off"} <= REPLIES.keys


def test_labels_are_complete() -> None:
    labels = load_labels()
    assert set(labels.aspects) == set(Aspect)
    assert set(labels.channels) == set(How)
    assert set(labels.levels) == set(labels.level_adjectives) == set(Level)
    assert set(labels.moves) == set(Move) - {Move.START}
    assert set(labels.marks) == set(Mark)
    assert set(labels.shapes) == set(Shape)
    assert {way for ways in labels.paper_ways.values() for way in ways} <= set(Way)


def test_a_shape_is_named_where_the_record_tells_one() -> None:
    assert [shape for shape, name in load_labels().shapes.items() if not name] == [Shape.UNSAID.value]


def test_the_words_of_the_walk_through_are_complete() -> None:
    words = load_words()
    assert set(words.asks) == {"way", "case"}
    assert set(words.asks["way"].options) == set(Way)
    ids = [step.id for step in words.steps]
    assert len(ids) == len(set(ids)), "a stored position needs one"
    for way in (*Way, "unknown"):
        own = [step for step in words.steps if way in step.ways]
        assert 3 <= len(own) <= 15, way
        assert own[-1].id == "receive"
        assert all(step.stuck for step in own), "each step has its causes of being stuck"


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
    for name in ("replies.yaml", "labels.yaml", "walkthrough.yaml"):
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


SECRET = re.compile(
    r"\botp\b|passcode|mật khẩu|mã xác nhận|số (?:căn cước|giấy tờ|thẻ|định danh|tài khoản)|"
    r"ảnh (?:căn cước|giấy)",
    re.IGNORECASE,
)
ASKING = re.compile(r"\b(?:gửi|nhắn|đọc|nói|(?<!đăng )nhập|gõ|điền|cho tôi|đưa)\b", re.IGNORECASE)
HARMLESS = re.compile(
    r"\b(?:đừng|không|chưa|tự|quay mặt đi|vào hồ sơ|tệp|nộp qua mạng|gửi về điện thoại|trên điện thoại)\b",
    re.IGNORECASE,
)
QUOTED = re.compile(r'\\?"[^"]*"')  # what the person may type to the bot: "quên mật khẩu VNeID"


@pytest.mark.parametrize("name", ["replies.yaml", "walkthrough.yaml", "labels.yaml"])
def test_no_sentence_asks_for_secrets(name: str) -> None:
    text = (Path(bot.__file__).parent / "replies" / name).read_text("utf-8")
    asked = 0
    for line in text.splitlines():
        value = re.sub(r"^\s*(?:- )?\w+:\s*", "", line).strip().removeprefix('"').removesuffix('"')
        for sentence in re.split(r"(?<=[.!?])\s+", QUOTED.sub("", value)):
            if SECRET.search(sentence) and ASKING.search(sentence):
                asked += 1
                assert HARMLESS.search(sentence), sentence
    assert asked or name == "labels.yaml"
