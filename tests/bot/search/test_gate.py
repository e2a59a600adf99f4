from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.search.analysis import analyse_question
from bot.search.encoder import BuiltInEncoder
from bot.search.evidence import Evidence
from bot.search.fusion import load_weights
from bot.search.gate import Chitchat, Gate, Signals, exemplars, load_gate
from bot.search.types import Verdict
from vietnamese import fold

LIKELY = Signals(lexical=0.9, chat_lexical=0.0, content=4, syllables=6, dense=0.9, chat=0.1)
SURE = 0.95
EVIDENCE = Evidence(
    margin=3.0,
    lexical=0.7,
    unexplained=0.0,
    rarest=0.0,
    unsaid=0.0,
    gap_lexical=0.3,
    close=0,
    content=4,
    dense=0.85,
    gap_dense=0.25,
)


@pytest.fixture(scope="module")
def gate() -> Gate:
    return load_gate()


def test_signals_pull_the_right_way(gate: Gate) -> None:
    best = gate.in_scope(LIKELY, EVIDENCE)
    assert best > 0.9
    assert gate.in_scope(replace(LIKELY, dense=0.1, lexical=0.1, chat=0.9), EVIDENCE) < 0.1
    assert gate.in_scope(replace(LIKELY, chat_lexical=0.5), EVIDENCE) < best
    assert gate.in_scope(LIKELY, replace(EVIDENCE, unexplained=0.9, rarest=0.9)) < best
    assert gate.in_scope(replace(LIKELY, dense=None, chat=None), EVIDENCE) > 0.9


def test_verdicts(gate: Gate) -> None:
    assert gate.verdict(LIKELY, 0.95, SURE, certain=False) is Verdict.ANSWER
    assert gate.verdict(LIKELY, 0.95, 0.1, certain=False) is Verdict.ASK
    assert gate.verdict(LIKELY, 0.95, 0.1, certain=True) is Verdict.ANSWER
    assert gate.verdict(LIKELY, 0.01, SURE, certain=False) is Verdict.DECLINE
    assert gate.verdict(replace(LIKELY, content=0), 0.95, SURE, certain=False) is Verdict.DECLINE


def test_one_or_two_syllables_always_ask(gate: Gate) -> None:
    assert gate.verdict(replace(LIKELY, content=2), 0.95, SURE, certain=False) is Verdict.ASK
    assert gate.verdict(replace(LIKELY, content=2), 0.95, SURE, certain=True) is Verdict.ANSWER


def test_a_word_of_ours_is_not_declined(gate: Gate) -> None:
    short = replace(LIKELY, content=2)
    assert gate.verdict(short, 0.01, 0.0, certain=False) is Verdict.ASK
    assert gate.verdict(replace(short, lexical=0.1), 0.01, 0.0, certain=False) is Verdict.DECLINE


def test_evidence_pulls_the_right_way(gate: Gate) -> None:
    best = gate.sure(EVIDENCE)
    assert best > gate.full.limits.answer
    assert gate.sure(replace(EVIDENCE, unexplained=0.7, rarest=0.7)) < best
    assert gate.sure(replace(EVIDENCE, gap_dense=0.0, margin=0.1)) < best
    assert gate.sure(replace(EVIDENCE, unsaid=0.6)) < best
    words_alone = replace(EVIDENCE, dense=None, gap_dense=None, content=8)  # a whole sentence is explained
    assert gate.sure(words_alone) > gate.lexical.limits.answer


def test_limits_are_in_range(gate: Gate) -> None:
    for models in (gate.full, gate.lexical):
        assert 0 < models.limits.decline < 0.5 < models.limits.answer < 1
        assert models.limits.short == 2
        assert models.measured["answered out accented"] == 0


def test_a_file_of_another_form_is_named(tmp_path: Path) -> None:
    file = tmp_path / "gate.yaml"
    file.write_text("full: {}\nlexical: {}\n")
    with pytest.raises(ValueError, match=r"gate.yaml: full.in_scope"):
        load_gate(file)


def test_weights_are_in_range() -> None:
    weights = load_weights()
    assert weights.fusion.dense == 1.0
    assert 0.05 <= weights.fusion.lexical <= 1.0
    assert 0 <= weights.fusion.local <= 0.5
    assert 0 <= weights.fusion.best <= 1
    assert weights.fusion.shortlist >= 30


def test_exemplars_are_many_and_each_once() -> None:
    lines = exemplars()
    assert len(lines) >= 150
    assert len({fold(line) for line in lines}) == len(lines)


def test_small_talk_is_like_itself(built_in: BuiltInEncoder) -> None:
    chat = Chitchat.load().with_encoder(built_in)
    talk, question = "bạn khỏe không vậy", "đăng ký khai sinh cho con"
    assert chat.lexical(analyse_question(talk)) > chat.lexical(analyse_question(question))
    near, far = (chat.dense(built_in.encode([text])) for text in (talk, question))
    assert near is not None
    assert far is not None
    assert near > far
    assert Chitchat.load().dense(built_in.encode([talk])) is None
    assert chat.lexical(analyse_question("")) == 0
