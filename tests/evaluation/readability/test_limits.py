"""The file of limits is checked when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.readability.limits import LIMITS, BrokenLimits, Limits, read_limits


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = LIMITS.read_text("utf-8")
    assert old in text
    file = tmp_path / "limits.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    return file


def test_there_are_many_rare_words(limits: Limits) -> None:
    assert len(limits.terms) >= 60
    assert all(term.plain.lower() not in map(str.lower, term.forms) for term in limits.terms)


def test_the_limits_that_issue_5_names(limits: Limits) -> None:
    assert limits.kinds["guides"].sentence <= 25
    assert limits.kinds["cards"].sentence <= 30
    assert limits.actions.most == 1


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("sentence: 25", "sentence: 0", "sentence"),
        ("most: 1", "most: 1\n  mosst: 1", "mosst"),
        ("term: passcode", "term: OTP", "stand twice: otp"),
        ("known_in: {labels", "known_in: {lables", "lables"),
        (
            "    rule: too_long\n    reason: the",
            "    rule: too_long\n    reason: so\n    found: the",
            "reason",
        ),
        ("    rule: too_long", "    rule: nonsense", "rule"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(BrokenLimits, match=named):
        read_limits(changed(tmp_path, old, new))
