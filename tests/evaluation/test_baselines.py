from evaluation.baselines import build_baselines, folded_tokens, raw_tokens
from evaluation.finders import measure
from evaluation.questions import Question
from tests.evaluation.fakes import catalogue


def test_tokens() -> None:
    assert raw_tokens("Xóa Tên, vườn") == ["xóa", "tên,", "vườn"]
    assert folded_tokens("Xóa tên") == ["xoa", "ten", "xoa_ten"]


def test_raw_needs_accents_and_folded_does_not() -> None:
    question = {"id": "F1", "text": "xóa vườn", "kind": "find", "gold": ["1.000004"]}
    raw, folded = (measure(b, [Question.model_validate(question)]) for b in build_baselines(catalogue()))
    assert raw["find.r1"].value == folded["find.r1"].value == 1
    assert raw["find_folded.r1"].value == 0
    assert folded["find_folded.r1"].value == 1


def test_twins_are_one_family() -> None:
    _, folded = build_baselines(catalogue())
    assert folded.search("nuôi chim cảnh")[0] == ("1.000001", "1.000002")
    assert folded.search("máy bay") == []
