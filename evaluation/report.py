"""Committed reports: one run as JSON and as a page, beside baselines and the report before it.

A report names questions by their ids; it never holds a word of the benchmark.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from evaluation.comparing import Change, Earlier, Origin, Outcomes, compare, unlike
from evaluation.grouping import Groups
from evaluation.measuring import Figure, Measured, outcomes, percentile
from evaluation.nlu_scores import CrossValidation
from evaluation.runner import ACCENTS_LOST, MAIN_KEYS, Outcome
from evaluation.targets import Judged, Target, against

REPORTS = Path(__file__).parent / "reports"
CONFUSIONS = 30
LINE = 110


class Setting(Origin):
    """What took part in a run, and how to make it again."""

    made: date
    command: str
    commit: str
    procedures: int
    catalogue: str  # sha256 of the records, first twelve digits
    nlu: str
    cores: int = 0
    load: float = 0.0  # average of the minute before: a busy machine explains slow figures


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One run: its outcome, the baselines and halves of search in the same run, and what took part.

    `groups` are the find questions by group; `further` are figures that come from elsewhere than the answers
    (the times of search, the scores of NLU); `nlu` is the cross-validation, `nlu_note` a word on its age.
    """

    outcome: Outcome
    setting: Setting
    baselines: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)
    further: Mapping[str, Figure] = field(default_factory=dict)
    nlu: CrossValidation | None = None
    nlu_note: str = "not measured"

    @property
    def figures(self) -> dict[str, Figure]:
        """Every figure of ours."""
        return {**self.outcome.figures, **self.further}

    def flat(self) -> dict[str, float]:
        """Return every figure with its interval (`.low`, `.high`), baselines under their own prefix."""
        values = self.outcome.flat()
        for key, figure in self.figures.items():
            ends = {"": figure.value, ".low": figure.low, ".high": figure.high}
            values |= {key + end: round(value, 4) for end, value in ends.items()}
        for who, found in self.baselines.items():
            values |= {f"{who}.{key}": round(figure.value, 4) for key, figure in found.items()}
        return values | {"nlu.answered": round(self.setting.nlu_answered, 4)}


class Report(BaseModel):
    """One run."""

    model_config = ConfigDict(frozen=True)

    setting: Setting
    counts: Mapping[str, int]
    figures: Mapping[str, Measured]
    targets: tuple[Judged, ...] = ()
    latency_ms: Mapping[str, float]
    baselines: Mapping[str, Mapping[str, Measured]]
    groups: Mapping[str, Mapping[str, Mapping[str, Measured]]] = {}
    nlu: CrossValidation | None = None
    nlu_note: str = ""
    unmet: Mapping[str, tuple[str, ...]]
    previous: str | None = None
    unlike: tuple[str, ...] = ()
    changes: Mapping[str, Change] = {}
    outcomes: Outcomes = {}

    @property
    def headline(self) -> tuple[str, ...]:
        """The keys that matter most: those of the benchmark's page and of the targets, as far as measured."""
        keys = (*MAIN_KEYS, ACCENTS_LOST, *(judged.target.key for judged in self.targets))
        return tuple(key for key in dict.fromkeys(keys) if key in self.figures)


def compose(
    evaluation: Evaluation, targets: tuple[Target, ...], previous: tuple[str, Earlier] | None
) -> Report:
    """Return the report of one run; `previous` is the name and content of the one to compare with."""
    outcome, setting = evaluation.outcome, evaluation.setting
    measured = {key: Measured.of(figure) for key, figure in evaluation.figures.items()}
    found = outcomes(outcome.observations)
    name, before = previous or (None, None)
    return Report(
        setting=setting,
        counts=outcome.counts,
        figures=measured,
        targets=against(targets, measured),
        latency_ms={f"p{cut}": round(percentile(outcome.took_ms, cut), 2) for cut in (50, 95)},
        baselines={who: _nameless(figures) for who, figures in evaluation.baselines.items()},
        groups={
            by: {group: _nameless(figures) for group, figures in groups.items()}
            for by, groups in evaluation.groups.items()
        },
        nlu=evaluation.nlu and evaluation.nlu.shortened(CONFUSIONS),
        nlu_note=evaluation.nlu_note,
        unmet=outcome.unmet,
        previous=name,
        unlike=unlike(setting, before.setting) if before else (),
        changes=compare(measured, found, setting.files, before) if before else {},
        outcomes=found,
    )


def _nameless(figures: Mapping[str, Figure]) -> dict[str, Measured]:
    # A baseline's misses are most questions, a group's are told once already: ids would only fill pages.
    return {key: Measured.of(figure, ids=False) for key, figure in figures.items()}


def name_of(setting: Setting) -> str:
    """Return the name of a report's files, without extension."""
    return f"{setting.made:%Y-%m-%d}-{setting.commit or setting.catalogue}"


def digest(data: bytes) -> str:
    """Return the first twelve digits of the sha256 of `data`."""
    return sha256(data).hexdigest()[:12]


def write(report: Report, folder: Path) -> tuple[Path, Path]:
    """Write the report as JSON and as a page into `folder`; return both paths."""
    from evaluation.page import page

    folder.mkdir(parents=True, exist_ok=True)
    stem = name_of(report.setting)
    machine, human = folder / f"{stem}.json", folder / f"{stem}.md"
    machine.write_text(as_json(report), encoding="utf-8")
    human.write_text(page(report), encoding="utf-8")
    return machine, human


def as_json(report: Report) -> str:
    """Return the report as JSON that reads and compares well: an object that is short or flat on one line."""
    return _dumped(report.model_dump(mode="json"), "") + "\n"


def _dumped(value: object, indent: str) -> str:
    line = json.dumps(_plain(value), ensure_ascii=False)
    if len(line) < LINE or not isinstance(value, dict | list):
        return line
    named = isinstance(value, dict)
    values = list(value.values() if isinstance(value, dict) else value)
    if all(map(_scalar, values)):
        return line
    names = [f"{json.dumps(name, ensure_ascii=False)}: " if named else "" for name in value]
    parts = [f"{indent} {n}{_dumped(v, indent + ' ')}" for n, v in zip(names, values, strict=True)]
    first, last = "{}" if named else "[]"
    return f"{first}\n" + ",\n".join(parts) + f"\n{indent}{last}"


def _scalar(value: object) -> bool:
    return not isinstance(value, dict | list)


def _plain(value: object) -> object:
    """Return a flat object with 1 for 1.0: most outcomes are 0 or 1."""
    if not isinstance(value, dict):
        return value
    return {k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in value.items()}
