"""The words of the reply carry the facts: every probe is asked of the answer that a citizen reads."""

from __future__ import annotations

import re

from bot.dialogue.answers import AnswerWriter
from bot.dialogue.answers.cards import CardWriter
from bot.replies.renderer import Replies
from procedures_kb.catalogue import load
from procedures_kb.model import Detail, Flag
from procedures_kb.probes import Probe, comparable, read_probes

_SAME_WORDS = {"không trực tuyến": "không ghi cách nộp trực tuyến", "vneid": "vneid|qua mạng"}


def _holds(text: str, fact: str) -> bool:
    options = "|".join(_SAME_WORDS.get(option, option) for option in fact.split("|")).split("|")
    return any(re.search(rf"(?<![\w]){re.escape(comparable(option))}(?![\d])", text) for option in options)


def _missing(probe: Probe, text: str) -> list[str]:
    return [fact for fact in probe.facts if not _holds(text, fact)]


def test_the_replies_carry_the_facts() -> None:
    replies, catalogue = Replies.load(), load()
    writer = AnswerWriter(replies, CardWriter({}, catalogue, replies))
    asked, failed = 0, []
    for probe in read_probes():
        procedure = catalogue.by_code[probe.code]
        if procedure.detail is Detail.NAME_ONLY or procedure.has(Flag.LOCAL_VERSION):
            continue
        text = comparable(writer.answer(procedure, (probe.aspect,)))
        asked += 1
        if missing := _missing(probe, text):
            failed.append((probe.code, probe.aspect.value, missing))
    assert asked >= 160
    assert len(failed) <= 0.07 * asked, failed
