"""`troly eval` without its command line: read, put the system together, measure, report."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from evaluation.comparing import git, last_report
from evaluation.finders import Finder, measure
from evaluation.grouping import breakdown
from evaluation.halves import halves, search_times
from evaluation.measuring import Figure
from evaluation.nlu_scores import COMMAND, BrokenScores, CrossValidation, read_scores
from evaluation.questions import Question, read_dialogues, read_questions
from evaluation.report import REPORTS, Evaluation, Report, Setting, compose, digest, name_of, write
from evaluation.runner import run, told_apart
from evaluation.system import System, digest_of, system
from evaluation.targets import read_targets

HERE = Path(__file__).parent
ROOT = HERE.parent
JUDGES = ("facts.py", "judging.py", "observing.py", "ranking.py", "typos.py")
NLU_SCORES = REPORTS / "nlu.json"
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Request:
    """What `troly eval` was asked for. `nlu` is auto, start, off, or an address."""

    questions: Path
    dialogues: Path | None = None
    nlu: str = "auto"
    dense: bool = True
    baselines: bool = True
    nlu_scores: Path = NLU_SCORES


def evaluate(request: Request, progress: Progress = lambda _: None) -> Evaluation:
    """Measure this working tree on the files of `request`.

    Raises BrokenBenchmark for a file that cannot be measured with, NluUnavailable where NLU was asked for and
    cannot be had, and what the parts raise while they load.
    """
    questions = told_apart(read_questions(request.questions))
    dialogues = read_dialogues(request.dialogues) if request.dialogues else ()
    crossed, crossed_note = read_crossed(request.nlu_scores)
    load = round(os.getloadavg()[0], 2)
    with system(request.nlu, request.dense, progress) as tested:
        outcome = run(tested.assistant, tested.mask, questions, dialogues, progress)
        progress("search alone")
        times = search_times(tested.search, questions) if request.dense else {}
        return Evaluation(
            outcome,
            _setting(request, tested, load),
            measure_finders(tested, questions, progress) if request.baselines else {},
            breakdown(outcome.observations, questions, tested.catalogue),
            {**(crossed.figures() if crossed else {}), **times},
            crossed,
            crossed_note,
        )


def measure_finders(
    tested: System, questions: Sequence[Question], progress: Progress
) -> dict[str, Mapping[str, Figure]]:
    """Return the figures of each half of our search and of each baseline.

    The halves are left out where there is one only; the baselines, with a word on it, without rank_bm25.
    """
    finders: list[Finder] = [*halves(tested.search)]
    try:
        from evaluation.baselines import build_baselines
    except ImportError:
        progress("no baselines: install the extra [dev] for rank_bm25")
    else:
        finders += build_baselines(tested.catalogue)
    progress("the baselines, and the halves of search")
    return {finder.name: measure(finder, questions) for finder in finders}


def write_report(evaluation: Evaluation, folder: Path) -> tuple[Report, tuple[Path, Path]]:
    """Write the report of `evaluation` into `folder`; return it and its two paths."""
    report = report_of(evaluation, folder)
    return report, write(report, folder)


def report_of(evaluation: Evaluation, folder: Path) -> Report:
    """Return the report of `evaluation`, held against the targets and the last report of `folder`."""
    setting = evaluation.setting
    before = last_report(folder, name_of(setting), setting.files, ROOT)
    return compose(evaluation, read_targets(), before)


def read_crossed(file: Path) -> tuple[CrossValidation | None, str]:
    """Return the cross-validation in `file`, and a word on it: how large, whether of today's sentences.

    Without one, or with one that cannot be read, the rest is measured all the same, and the word says so.
    """
    from bot.nlu.corpus import load_corpus
    from bot.nlu.project import NluError, Project

    try:
        found = read_scores(file)
    except BrokenScores as error:
        return None, f"not measured: {error}"
    if found is None:
        return None, f"not measured: run `{COMMAND}`"
    said = f"{found.folds} folds over {found.sentences} sentences"
    try:
        now = len(load_corpus(Project.here()).examples)
    except NluError:
        return found, said
    stale = f"; there are {now} now, so these scores are of older data: run `{COMMAND}`"
    return found, said if now == found.sentences else said + stale


def _setting(request: Request, tested: System, load: float) -> Setting:
    files = [file for file in (request.questions, request.dialogues) if file]
    witness = tested.nlu.witness
    return Setting(
        made=date.today(),
        command=command_of(request),
        commit=_commit(),
        procedures=len(tested.catalogue),
        catalogue=digest_of(tested.catalogue),
        files={file.name: digest(file.read_bytes()) for file in files},
        judges=digest(b"".join((HERE / name).read_bytes() for name in JUDGES)),
        search=tested.search_note,
        nlu=tested.nlu.note,
        nlu_answered=round(witness.answered, 4) if witness else 0.0,
        cores=os.cpu_count() or 1,
        load=load,
    )


def _commit() -> str:
    """Return the short commit, marked where the working tree differs from it; "" without git."""
    commit = git(ROOT, "rev-parse", "--short", "HEAD")
    if not commit:
        return ""
    changed = git(ROOT, "status", "--porcelain", "--untracked-files=no")
    return f"{commit}-changed" if changed else commit


def command_of(request: Request) -> str:
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
