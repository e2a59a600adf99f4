from pathlib import Path

import pytest

from evaluation.measuring import Measured
from evaluation.targets import BrokenTargets, Target, Verdict, against, read_targets

FIND = Target(key="find.r1", what="first", at_least=0.68, aim=0.88)
WRONG = Target(key="direct.wrong", what="wrong", at_most=0.05, aim=0.01)


def measured(value: float, low: float | None = None, high: float | None = None, n: int = 100) -> Measured:
    return Measured(value=value, low=value if low is None else low, high=value if high is None else high, n=n)


@pytest.mark.parametrize(
    ("target", "value", "verdict"),
    [
        (FIND, 0.67, Verdict.NOT_MET),
        (FIND, 0.68, Verdict.MET),
        (FIND, 0.88, Verdict.AIM_MET),
        (WRONG, 0.051, Verdict.NOT_MET),
        (WRONG, 0.05, Verdict.MET),
        (WRONG, 0.0, Verdict.AIM_MET),
    ],
)
def test_verdicts(target: Target, value: float, verdict: Verdict) -> None:
    assert target.judge(value) is verdict


@pytest.mark.parametrize(
    ("figure", "sure"),
    [
        (measured(0.75, 0.70, 0.80), True),
        (measured(0.70, 0.65, 0.75), False),
        (measured(0.60, 0.55, 0.65), True),
        (measured(0.66, 0.60, 0.72), False),
        (measured(1.0, n=10), True),
        (measured(1.0, n=8), False),  # the rule of three: up to 3 faults of 8 remain possible
    ],
)
def test_sure_where_the_interval_keeps_to_one_side(figure: Measured, sure: bool) -> None:
    (judged,) = against((FIND,), {"find.r1": figure})
    assert judged.sure is sure


def test_no_fault_among_few_is_not_sure() -> None:
    figures = {"direct.wrong": measured(0.0, n=50)}
    assert not against((WRONG,), figures)[0].sure
    assert against((WRONG,), {"direct.wrong": measured(0.0, n=60)})[0].sure


def test_what_was_not_measured_is_said() -> None:
    (judged,) = against((FIND,), {})
    assert (judged.verdict, judged.measured, judged.sure) == (Verdict.NOT_MEASURED, None, False)


def test_the_file_is_sound() -> None:
    targets = {target.key: target for target in read_targets()}
    assert len(targets) == 17
    assert (targets["find.r1"].at_least, targets["find.r1"].aim) == (0.68, 0.88)
    assert (targets["inscope.refused"].at_most, targets["inscope.refused"].aim) == (0.03, 0.01)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("- {key: a, what: a, aim: 1}", "a needs one bound"),
        ("- {key: a, what: a, aim: 1, at_least: 0.5, at_most: 0.6}", "a needs one bound"),
        ("- {key: a, what: a, aim: 0.4, at_least: 0.5}", "does not keep its bound"),
        (
            "- {key: a, what: a, aim: 1, at_least: 0.5}\n- {key: a, what: b, aim: 1, at_least: 0.5}",
            "stand twice: a",
        ),
        ("- {key: a, what: a, aim: 1, at_lest: 0.5}", "targets.0"),
    ],
)
def test_names_what_is_wrong_with_a_file(tmp_path: Path, lines: str, said: str) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text(f"targets:\n{lines}\n", encoding="utf-8")
    with pytest.raises(BrokenTargets, match=said):
        read_targets(file)
