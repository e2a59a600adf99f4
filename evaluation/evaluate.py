"""`troly eval` without its command line: read, put the system together, measure, report."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evaluation.measuring import Figure
from evaluation.questions import Question, read_dialogues, read_questions
from evaluation.report import Report, Setting, compose, digest, git, last_report, name_of, write
from evaluation.runner import Outcome, run
from evaluation.system import System, digest_of, system
from procedures_kb.catalogue import Catalogue

ROOT = Path(__file__).parents[1]
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What `troly eval` was asked for. `nlu` is auto, start, off, or an address."""

    questions: Path
    dialogues: Path | None = None
    nlu: str = "auto"
    dense: bool = True
    baselines: bool = True


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome of a run, the baselines of the same run, and what took part."""

    outcome: Outcome
    baselines: Mapping[str, Mapping[str, Figure]]
    setting: Setting

    def flat(self) -> dict[str, float]:
        """Return every figure with its interval (`.low`, `.high`), baselines under their own prefix."""
        values = self.outcome.flat()
        for key, figure in self.outcome.figures.items():
            values |= {f"{key}.low": round(figure.low, 4), f"{key}.high": round(figure.high, 4)}
        for who, found in self.baselines.items():
            values |= {f"{who}.{key}": round(figure.value, 4) for key, figure in found.items()}
        return values | {"nlu.answered": round(self.setting.nlu_answered, 4)}


def evaluate(request: Request, progress: Progress = lambda _: None) -> Evaluation:
    """Measure this working tree on the files of `request`.

    Raises BrokenBenchmark for a file that cannot be measured with, NluUnavailable where NLU was asked for and
    cannot be had, and what the parts raise while they load.
    """
    questions = read_questions(request.questions)
    dialogues = read_dialogues(request.dialogues) if request.dialogues else ()
    with system(request.nlu, request.dense, progress) as tested:
        outcome = run(tested.assistant, tested.mask, questions, dialogues, progress)
        baselines = measure_baselines(tested.catalogue, questions, progress) if request.baselines else {}
        return Evaluation(outcome, baselines, _setting(request, tested))


def measure_baselines(
    catalogue: Catalogue, questions: Sequence[Question], progress: Progress
) -> dict[str, Mapping[str, Figure]]:
    """Return the figures of each baseline; none, with a word on it, where rank_bm25 is not installed."""
    try:
        from evaluation.baselines import build_baselines, measure
    except ImportError:
        progress("no baselines: install the extra [dev] for rank_bm25")
        return {}
    progress("the baselines")
    return {baseline.name: measure(baseline, questions) for baseline in build_baselines(catalogue)}


def write_report(evaluation: Evaluation, folder: Path) -> tuple[Report, tuple[Path, Path]]:
    """Write the report of `evaluation` into `folder`; return it and its two paths."""
    before = last_report(folder, name_of(evaluation.setting), ROOT)
    report = compose(evaluation.outcome, evaluation.baselines, evaluation.setting, before)
    return report, write(report, folder)


def _setting(request: Request, tested: System) -> Setting:
    files = [file for file in (request.questions, request.dialogues) if file]
    witness = tested.nlu.witness
    return Setting(
        made=date.today(),
        command=_command(request),
        commit=_commit(),
        procedures=len(tested.catalogue),
        catalogue=digest_of(tested.catalogue),
        files={file.name: digest(file.read_bytes()) for file in files},
        search=tested.search_note,
        nlu=tested.nlu.note,
        nlu_answered=round(witness.answered, 4) if witness else 0.0,
    )


def _commit() -> str:
    """Return the short commit, marked where the working tree differs from it; "" without git."""
    commit = git(ROOT, "rev-parse", "--short", "HEAD")
    if not commit:
        return ""
    changed = git(ROOT, "status", "--porcelain", "--untracked-files=no")
    return f"{commit}-changed" if changed else commit


def _command(request: Request) -> str:
    """Return the command that makes this run again, with no path of this machine in it."""
    words = ["troly eval", "--questions", _shown(request.questions)]
    words += ["--dialogues", _shown(request.dialogues)] if request.dialogues else []
    words += ["--nlu", "URL" if "://" in request.nlu else request.nlu] if request.nlu != "auto" else []
    words += [] if request.dense else ["--lexical"]
    return " ".join(words)


def _shown(path: Path) -> str:
    """Return `path` as seen from the repository where it lies in or beside it, else its name."""
    relative = Path(os.path.relpath(path.resolve(), ROOT))
    return str(relative) if relative.parts[:2].count("..") < 2 else path.name
