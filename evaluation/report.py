"""Committed reports: one run as JSON and as a page, beside baselines and the report before it.

A report names questions by their ids; it never holds a word of the benchmark.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from evaluation.measuring import Figure, percentile
from evaluation.runner import Outcome

REPORTS = Path(__file__).parent / "reports"


class Measured(BaseModel):
    """One figure in a report: a mean, its 95 % interval, how many questions, which count against."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float
    high: float
    n: int
    short: tuple[str, ...] = ()

    @classmethod
    def of(cls, figure: Figure) -> Measured:
        """Round a figure for the page."""
        low, high = round(figure.low, 4), round(figure.high, 4)
        return cls(value=round(figure.value, 4), low=low, high=high, n=figure.n, short=figure.short)


class Setting(BaseModel):
    """What took part in a run, and how to make it again."""

    model_config = ConfigDict(frozen=True)

    made: date
    command: str
    commit: str
    procedures: int
    catalogue: str  # sha256 of the records, first twelve digits
    files: Mapping[str, str]  # name of a benchmark file: sha256, first twelve digits
    search: str
    nlu: str
    nlu_answered: float


class Report(BaseModel):
    """One run."""

    model_config = ConfigDict(frozen=True)

    setting: Setting
    counts: Mapping[str, int]
    figures: Mapping[str, Measured]
    latency_ms: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, Measured]]
    unmet: Mapping[str, tuple[str, ...]]
    previous: str | None = None
    changes: Mapping[str, float] = {}


def compose(
    outcome: Outcome,
    baselines: Mapping[str, Mapping[str, Figure]],
    setting: Setting,
    previous: tuple[str, Report] | None,
) -> Report:
    """Return the report of one run; `previous` is the name and content of the one to compare with."""
    measured = {key: Measured.of(figure) for key, figure in outcome.figures.items()}
    name, before = previous or (None, None)
    changes = {
        key: round(figure.value - before.figures[key].value, 4)
        for key, figure in measured.items()
        if before and key in before.figures
    }
    return Report(
        setting=setting,
        counts=outcome.counts,
        figures=measured,
        latency_ms={f"p{cut}": round(percentile(outcome.took_ms, cut), 2) for cut in (50, 95)},
        # A baseline's misses are most questions: their ids would only fill pages.
        baselines={
            who: {key: Measured.of(figure).model_copy(update={"short": ()}) for key, figure in found.items()}
            for who, found in baselines.items()
        },
        unmet=outcome.unmet,
        previous=name,
        changes=changes,
    )


def name_of(setting: Setting) -> str:
    """Return the name of a report's files, without extension."""
    return f"{setting.made:%Y-%m-%d}-{setting.commit or setting.catalogue}"


def last_report(folder: Path, besides: str, root: Path) -> tuple[str, Report] | None:
    """Return the last committed report of `folder` (by name, so by date) other than `besides`, if any."""
    files = sorted(file for file in committed(folder, root) if file.stem != besides)
    for file in reversed(files):
        try:
            return file.stem, Report.model_validate_json(file.read_text(encoding="utf-8"))
        except (ValidationError, OSError):
            continue  # of an older form, or deleted in the working tree
    return None


def committed(folder: Path, root: Path) -> list[Path]:
    """Return the reports of `folder` that git knows; all of them where there is no git."""
    listed = git(root, "ls-files", "--", str(folder))
    on_disk = [file for file in folder.glob("*.json") if not file.name.startswith("bench-")]
    if listed is None:
        return on_disk
    known = {Path(line).name for line in listed.splitlines()}
    return [file for file in on_disk if file.name in known]


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


def digest(data: bytes) -> str:
    """Return the first twelve digits of the sha256 of `data`."""
    return sha256(data).hexdigest()[:12]


def write(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write the report as JSON and as a page into `folder`; return both paths."""
    from evaluation.page import page

    folder.mkdir(parents=True, exist_ok=True)
    stem = name_of(report.setting)
    machine, human = folder / f"{stem}.json", folder / f"{stem}.md"
    machine.write_text(report.model_dump_json(indent=1) + "\n", encoding="utf-8")
    human.write_text(page(report), encoding="utf-8")
    return machine, human
