import json
from pathlib import Path

import pytest

from bot.dialogue.state import Aspect
from evaluation.questions import BrokenBenchmark, Kind, read_dialogues, read_questions


def write(path: Path, *items: object) -> Path:
    file = path / "file.jsonl"
    file.write_text("\n".join(i if isinstance(i, str) else json.dumps(i) for i in items), encoding="utf-8")
    return file


def test_reads_every_kind_and_ignores_descriptions(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        {"id": "F1", "text": "nuôi chim", "kind": "find", "gold": ["1.000001"], "style": "plain"},
        {
            "id": "A1", "text": "phí", "kind": "aspect", "gold": ["1.000001"], "aspect": "fee",
            "answer_facts": ["10.000"],
        },
        "",
        {"id": "G1", "text": "cài", "kind": "guide", "expect": "install", "alt_gold": ["3.000001"]},
        {"id": "O1", "text": "mưa", "kind": "out_of_scope", "gold": []},
    )  # fmt: skip
    questions = read_questions(file)
    assert [question.kind for question in questions] == [
        Kind.FIND, Kind.ASPECT, Kind.GUIDE, Kind.OUT_OF_SCOPE
    ]  # fmt: skip
    assert questions[1].aspect is Aspect.FEE
    assert questions[2].alt_gold == ("3.000001",)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "F1", "text": "x", "kind": "find"}', "needs gold"),
        ('{"id": "A1", "text": "x", "kind": "aspect", "gold": ["1"], "aspect": "colour"}', "aspect"),
        ('{"id": "A1", "text": "x", "kind": "aspect", "gold": ["1"], "aspect": "fee"}', "answer_facts"),
        ('{"id": "G1", "text": "x", "kind": "guide"}', "needs expect"),
        ('{"id": "X", "text": "x", "kind": "riddle"}', "kind"),
        ('{"id": "X", "text": "", "kind": "absent"}', "text"),
        ("{", "JSON"),
    ],
)
def test_names_file_line_and_reason(tmp_path: Path, line: str, said: str) -> None:
    file = write(tmp_path, {"id": "O1", "text": "mưa", "kind": "out_of_scope"}, line)
    with pytest.raises(BrokenBenchmark, match=rf"^file\.jsonl:2: .*{said}"):
        read_questions(file)


def test_refuses_a_repeated_item_and_an_empty_file(tmp_path: Path) -> None:
    same = {"id": "O1", "text": "mưa", "kind": "out_of_scope"}
    with pytest.raises(BrokenBenchmark, match="2: the very same item O1 stands twice"):
        read_questions(write(tmp_path, same, same))
    assert len(read_questions(write(tmp_path, same, same | {"text": "nắng"}))) == 2
    with pytest.raises(BrokenBenchmark, match="holds no question"):
        read_questions(write(tmp_path))


def test_reads_dialogues_with_code_or_gold(tmp_path: Path) -> None:
    turns = [
        {"user": "nuôi chim", "expect": {"code": "1.000001"}},
        {"user": "phí", "expect": {"gold": ["1.000001", "1.000002"], "aspect": "fee"}},
    ]
    (dialogue,) = read_dialogues(write(tmp_path, {"id": "D1", "turns": turns}))
    assert dialogue.turns[0].expect.codes == ("1.000001",)
    assert dialogue.turns[1].expect.codes == ("1.000001", "1.000002")


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        ([], "at least one turn"),
        ([{"user": "a", "expect": {}}], "expect something"),
        ([{"user": "a", "expect": {"mood": "good"}}], "mood"),
        ([{"user": "a", "expect": {"move": "jump"}}], "move"),
        ([{"user": "a", "expect": {"action": "sing"}}], "action"),
    ],
)
def test_refuses_expectations_that_it_cannot_check(tmp_path: Path, turns: object, said: str) -> None:
    with pytest.raises(BrokenBenchmark, match=f"file.jsonl:1: .*{said}"):
        read_dialogues(write(tmp_path, {"id": "D1", "turns": turns}))
