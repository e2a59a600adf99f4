"""The page of a report: tables that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evaluation.grouping import KEYS, LEAST
from evaluation.measuring import Measured, lower_is_better
from evaluation.nlu_scores import CrossValidation, Scores
from evaluation.report import Report, Setting
from evaluation.runner import ACCENTS_LOST, MAIN_KEYS
from evaluation.targets import Judged

CONFUSIONS = 20
# The misses of these would repeat those of find.r1 at length.
UNLISTED = ("find_", "find.r3", "find.r10", "find.mrr")
BETTER, WORSE = "▲", "▼"
PAIRED = "question by question (times and intents apart; times depend on how busy the machine was)"
NOT_MEASURED = "not measured"
NO_REPORT = "no earlier report of these files"
APART = "as independent samples, because that report keeps no outcomes of these questions"


def page(report: Report) -> str:
    """Return `report` as Markdown."""
    parts = [
        _head(report),
        _targets(report),
        _since(report),
        _finding(report),
        *_groups(report),
        _turns(report),
        _intents(report),
        _ours(report),
        _missed(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(report: Report) -> str:
    setting = report.setting
    files = ", ".join(f"`{name}` ({mark})" for name, mark in setting.files.items())
    counts = ", ".join(f"{count} {kind}" for kind, count in report.counts.items())
    return "\n".join(
        [
            f"# Evaluation of {setting.made:%Y-%m-%d}",
            "",
            f"Made by `{setting.command}` at commit {setting.commit or 'unknown'}.",
            "",
            f"- Catalogue: {setting.procedures} procedures (digest {setting.catalogue})",
            f"- Benchmark: {files}",
            f"- Counts: {counts}",
            f"- Search: {setting.search}",
            f"- NLU: {setting.nlu}; it answered {setting.nlu_answered:.0%} of the messages that reached it",
            f"- A turn took {_latencies(report.latency_ms)} in this run, one at a time{_machine(setting)}",
            f"- Compared with: {'; '.join((report.previous or NO_REPORT, *report.unlike))}",
            "",
            "In brackets: 95 % percentile-bootstrap interval over the questions (2,000 resamples, fixed "
            "seed; dialogues are drawn whole). Questions appear by id only. ↓: less is better.",
        ]
    )


def _latencies(latency_ms: Mapping[str, float]) -> str:
    return ", ".join(f"{cut} {value:.1f} ms" for cut, value in latency_ms.items())


def _machine(setting: Setting) -> str:
    return f", on {setting.cores} cores with a load of {setting.load:.1f} before it" if setting.cores else ""


def _targets(report: Report) -> str:
    if not report.targets:
        return ""
    rows = [target_row(judged) for judged in report.targets]
    note = '"?": the interval reaches over the bound, so that other questions could turn the verdict.'
    return f"## Against the targets\n\n{table(TARGET_COLUMNS, rows)}\n\n{note}"


TARGET_COLUMNS = ["", "", "measured", "n", "at least", "aim", "verdict"]


def target_row(judged: Judged) -> list[str]:
    """Return the cells of one target, under TARGET_COLUMNS."""
    target, measured = judged.target, judged.measured
    doubt = "" if judged.sure or measured is None else " ?"
    cells = [cell(measured), str(measured.n) if measured else "–"]
    return [target.key, target.what, *cells, target.bound, f"{target.aim:g}", f"{judged.verdict}{doubt}"]


def _since(report: Report) -> str:
    """What has changed in each headline figure since the last report."""
    keys = [key for key in report.headline if key in report.changes]
    if not keys:
        return ""
    rows = []
    for key in keys:
        change = report.changes[key]
        span = f"{change.change:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"
        moved = f"{change.up} / {change.down}" if change.paired else "–"
        cells = [f"{change.before:.3f}", f"{report.figures[key].value:.3f}", span, moved, mark(report, key)]
        rows.append([_arrowed(key), *cells])
    pairs = max(report.changes[key].paired for key in keys)
    how = PAIRED if pairs else APART
    note = f"{BETTER} better, {WORSE} worse beyond the interval of the change; compared {how}."
    head = ["", "before", "now", "change", "up / down", ""]
    return f"## Since {report.previous}\n\n{table(head, rows)}\n\n{note}"


def mark(report: Report, key: str) -> str:
    """Return the mark of a change that its interval does not explain, else nothing."""
    change = report.changes.get(key)
    if change is None or not change.beyond:
        return ""
    return BETTER if (change.change > 0) is not lower_is_better(key) else WORSE


def _finding(report: Report) -> str:
    """Ours beside the halves and the baselines, for the keys that they have too."""
    keys = [key for key in MAIN_KEYS if key.startswith("find") and key in report.figures]
    if not keys:
        return ""
    rows = [
        [key, cell(report.figures[key]), *(cell(found.get(key)) for found in report.baselines.values())]
        for key in keys
    ]
    lost = report.figures.get(ACCENTS_LOST)
    note = f"\n\nR@1 lost when accents are stripped, question by question: {cell(lost)}." if lost else ""
    return "## Finding the procedure\n\n" + table(["", "ours", *report.baselines], rows) + note


def _groups(report: Report) -> Iterable[str]:
    """The find questions by group."""
    for by, groups in report.groups.items():
        rows = [
            [name, str(figures[KEYS[0]].n), *(cell(figures.get(key)) for key in KEYS)]
            for name, figures in groups.items()
        ]
        if rows:
            yield f"### By {by}\n\n" + table(["", "n", *KEYS], rows)
    if report.groups:
        yield (
            f"Ministries and fields of fewer than {LEAST} questions stand together as other. find_folded: "
            "the same questions without accents; find_typos: with slips made by a fixed seed."
        )


def _turns(report: Report) -> str:
    keys = [key for key in MAIN_KEYS if not key.startswith("find") and key in report.figures]
    return _section("The turn", report, keys)


def _intents(report: Report) -> str:
    title = "## Intents, by cross-validation"
    if report.nlu is None:
        return f"{title}\n\n{report.nlu_note or NOT_MEASURED}."
    rows = [
        [
            name,
            _plain(report, f"{prefix}.accuracy", way.accuracy),
            _plain(report, f"{prefix}.macro_f1", way.macro_f1),
        ]
        for name, prefix, way in (
            ("with accents", "intent", report.nlu.with_accents),
            ("without accents", "intent_folded", report.nlu.without_accents),
        )
    ]
    parts = [
        f"{title}\n\n{report.nlu_note}.",
        table(["", "accuracy", "macro-F1"], rows),
        *_confused(report.nlu),
    ]
    return "\n\n".join(parts)


def _confused(nlu: CrossValidation) -> Iterable[str]:
    bare = {one.intent: one for one in nlu.without_accents.intents}
    rows = [
        [one.intent, str(one.sentences), f"{one.precision:.3f}", f"{one.recall:.3f}", f"{one.f1:.3f}",
         f"{bare[one.intent].f1:.3f}" if one.intent in bare else "–"]
        for one in sorted(nlu.with_accents.intents, key=lambda one: (one.f1, one.intent))
    ]  # fmt: skip
    yield table(["intent, worst first", "sentences", "precision", "recall", "F1", "F1 without accents"], rows)
    for name, scores in (("with", nlu.with_accents), ("without", nlu.without_accents)):
        yield f"Most frequent confusions, {name} accents:\n\n" + _confusions(scores)


def _confusions(scores: Scores) -> str:
    sizes = {one.intent: one.sentences for one in scores.intents}
    rows = [
        [wanted, got, str(times), f"{times / sizes[wanted]:.1%}" if sizes.get(wanted) else "–"]
        for wanted, got, times in scores.shortened(CONFUSIONS).confusions
    ]
    return table(["wanted", "got", "times", "of the wanted"], rows)


def _plain(report: Report, key: str, value: float) -> str:
    return cell(report.figures[key]) if key in report.figures else f"{value:.3f}"


def _ours(report: Report) -> str:
    listed = {*MAIN_KEYS, ACCENTS_LOST}
    return _section("Further figures", report, [key for key in report.figures if key not in listed])


def _section(title: str, report: Report, keys: Iterable[str]) -> str:
    rows = []
    for key in keys:
        change = report.changes.get(key)
        moved = f"{change.change:+.3f} {mark(report, key)}".strip() if change else "–"
        rows.append([_arrowed(key), cell(report.figures[key]), str(report.figures[key].n), moved])
    return f"## {title}\n\n" + table(["", "ours", "n", "change"], rows) if rows else ""


def _missed(report: Report) -> str:
    """The ids that count against us, under the figures where each is worth a look."""
    lines = [
        f"- {key}: {', '.join(figure.short)}"
        for key, figure in report.figures.items()
        if key in MAIN_KEYS and figure.short and not key.startswith(UNLISTED)
    ]
    lines += [f"- dialogue {turn} lacked {', '.join(keys)}" for turn, keys in report.unmet.items()]
    return "## Fell short\n\n" + "\n".join(lines) if lines else ""


def _arrowed(key: str) -> str:
    return f"{key} ↓" if lower_is_better(key) else key


def cell(measured: Measured | None) -> str:
    """Return a figure with its interval, "–" for none."""
    if measured is None:
        return "–"
    return f"{measured.value:.3f} [{measured.low:.2f}–{measured.high:.2f}]"


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
