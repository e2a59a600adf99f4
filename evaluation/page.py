"""The page of a report: tables that a person reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from evaluation.measuring import lower_is_better
from evaluation.report import Measured, Report
from evaluation.runner import MAIN_KEYS

# The misses of these would repeat those of find.r1 at length.
UNLISTED = ("find_", "find.r3", "find.r10", "find.mrr")


def page(report: Report) -> str:
    """Return `report` as Markdown."""
    parts = [_head(report), _finding(report), _turns(report), _ours(report), _missed(report)]
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
            f"- A turn took {_latencies(report.latency_ms)} in this run, one at a time",
            f"- Compared with: {report.previous or 'no earlier report'}",
            "",
            "In brackets: 95 % interval by bootstrap over the questions. Questions appear by id only.",
        ]
    )


def _latencies(latency_ms: Mapping[str, float]) -> str:
    return ", ".join(f"{cut} {value:.1f} ms" for cut, value in latency_ms.items())


def _finding(report: Report) -> str:
    """Ours beside the baselines, for the keys that they have too."""
    keys = [key for key in MAIN_KEYS if key.startswith("find")]
    if not any(key in report.figures for key in keys):
        return ""
    rows = [
        [key, _cell(report.figures.get(key)), *(_cell(found.get(key)) for found in report.baselines.values()),
         _change(report, key)]
        for key in keys
    ]  # fmt: skip
    return "## Finding the procedure\n\n" + table(["", "ours", *report.baselines, "change"], rows)


def _turns(report: Report) -> str:
    keys = [key for key in MAIN_KEYS if not key.startswith("find") and key in report.figures]
    return _section("The turn", report, keys)


def _ours(report: Report) -> str:
    return _section("Further figures", report, [key for key in report.figures if key not in MAIN_KEYS])


def _section(title: str, report: Report, keys: Iterable[str]) -> str:
    rows = [
        [
            f"{key} ↓" if lower_is_better(key) else key,
            _cell(report.figures[key]),
            str(report.figures[key].n),
            _change(report, key),
        ]
        for key in keys
    ]
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


def _cell(measured: Measured | None) -> str:
    if measured is None:
        return "–"
    return f"{measured.value:.3f} [{measured.low:.2f}–{measured.high:.2f}]"


def _change(report: Report, key: str) -> str:
    return f"{report.changes[key]:+.3f}" if key in report.changes else "–"


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
