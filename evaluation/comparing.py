"""The report before this one, and what has changed since, beyond chance or not."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from math import hypot
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evaluation.bootstrap import paired_interval
from evaluation.measuring import Measured, by_unit

_NAMES = (
    "[0-9][0-9][0-9][0-9]-*.json"  # reports are named by their date; bench-… and nlu… are no such reports
)

Outcomes = Mapping[str, Mapping[str, float]]
"""Key → id of a question → its value."""


class Origin(BaseModel):
    """What a report measured: the digest of each file of questions by its name, and with which parts."""

    model_config = ConfigDict(frozen=True)

    files: Mapping[str, str]
    judges: str = ""  # digest of the code that judges
    search: str = ""
    nlu_answered: float = 0.0


class Earlier(BaseModel):
    """What a comparison needs of a report. Reports of older forms have no outcomes."""

    model_config = ConfigDict(frozen=True)

    setting: Origin
    figures: Mapping[str, Measured]
    outcomes: Outcomes = {}


class Change(BaseModel):
    """How a figure has changed: what it was, the difference, the 95 % interval of the difference.

    `paired` is the number of units (questions, dialogues) compared one by one; 0 where the report before
    keeps no outcomes or measured other questions, so that the interval is that of independent samples. Of the
    paired questions (turns), `up` have a higher value now and `down` a lower one.
    """

    model_config = ConfigDict(frozen=True)

    before: float
    change: float
    low: float
    high: float
    paired: int
    up: int = 0
    down: int = 0

    @property
    def beyond(self) -> bool:
        """Whether the interval leaves out zero: a change that chance hardly explains."""
        return self.low > 0 or self.high < 0


def compare(
    figures: Mapping[str, Measured], outcomes: Outcomes, files: Mapping[str, str], before: Earlier
) -> dict[str, Change]:
    """Return the change of each figure that both reports hold."""
    same = before.setting.files == files
    return {
        key: _change(key, before.figures[key], now, _both(key, before.outcomes, outcomes) if same else None)
        for key, now in figures.items()
        if key in before.figures
    }


def unlike(now: Origin, before: Origin) -> tuple[str, ...]:
    """Return what two runs do not have in common, in words: what changes by it is none of the work's."""
    reasons = {
        "it measured other questions": now.files != before.files,
        "the code that judges has changed since": now.judges != before.judges,
        "its search had other parts": _parts(now) != _parts(before),
        "NLU took part in one of the two only": bool(now.nlu_answered) is not bool(before.nlu_answered),
    }
    return tuple(reason for reason, holds in reasons.items() if holds)


def _parts(origin: Origin) -> str:
    return origin.search.partition(";")[0]


def last_report(
    folder: Path, besides: str, files: Mapping[str, str], root: Path
) -> tuple[str, Earlier] | None:
    """Return the last committed report of `folder` over files named as `files`, with its name.

    Last is the one that was committed last, by name where several were committed together. `besides` is
    the name of this run's own. None where there is no such report, or none that can be read.
    """
    for file in reversed(committed(folder, root)):
        if file.stem == besides:
            continue
        try:
            report = Earlier.model_validate_json(file.read_text(encoding="utf-8"))
        except (ValidationError, OSError):
            continue  # of another form, or deleted in the working tree
        if set(report.setting.files) == set(files):
            return file.stem, report
    return None


def committed(folder: Path, root: Path) -> list[Path]:
    """Return the reports of `folder` that git knows, the last committed last; all by name without git."""
    on_disk = sorted(folder.glob(_NAMES))
    listed = git(root, "ls-files", "--", str(folder.resolve()))
    if listed is None:
        return on_disk
    known = {Path(line).name for line in listed.splitlines()}
    ages = _ages(folder, root)  # none of a file that is added but not committed yet: the newest
    return sorted(
        (file for file in on_disk if file.name in known),
        key=lambda file: (-ages.get(file.name, 0), file.name),
    )


def git(root: Path, *arguments: str) -> str | None:
    """Return what git prints; None where git or the repository is absent."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed program, arguments of our own
            ["git", *arguments],  # noqa: S607
            cwd=root,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _ages(folder: Path, root: Path) -> dict[str, int]:
    """Return how many commits ago each file was last changed, counted over the commits of `folder`."""
    history = git(root, "log", "--format=tformat:@", "--name-only", "--", str(folder.resolve())) or ""
    ages: dict[str, int] = {}
    age = 0
    for line in history.splitlines():
        age += line == "@"
        ages.setdefault(Path(line).name, age)
    return ages


def _both(
    key: str, before: Outcomes, now: Outcomes
) -> tuple[Mapping[str, float], Mapping[str, float]] | None:
    return (before[key], now[key]) if before.get(key) and now.get(key) else None


def _change(
    key: str, before: Measured, now: Measured, both: tuple[Mapping[str, float], Mapping[str, float]] | None
) -> Change:
    change = now.value - before.value
    if both is not None:
        return _paired(key, before.value, change, *both)
    # Independent samples: half widths add up like standard errors.
    low = change - hypot(now.value - now.low, before.high - before.value)
    high = change + hypot(now.high - now.value, before.value - before.low)
    return Change(
        before=before.value, change=round(change, 4), low=round(low, 4), high=round(high, 4), paired=0
    )


def _paired(
    key: str, before: float, change: float, old: Mapping[str, float], new: Mapping[str, float]
) -> Change:
    units = [by_unit(key, side.items()) for side in (old, new)]
    low, high = paired_interval(*units)
    moves = [new[identity] - old[identity] for identity in new.keys() & old.keys()]
    return Change(
        before=before,
        change=round(change, 4),
        low=round(low, 4),
        high=round(high, 4),
        paired=len(units[0].keys() & units[1].keys()),
        up=sum(move > 0 for move in moves),
        down=sum(move < 0 for move in moves),
    )
