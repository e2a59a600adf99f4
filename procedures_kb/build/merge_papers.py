"""The papers of one case put together: no repeats, no options beside the row that lists them."""

from __future__ import annotations

import re

from procedures_kb.model import DocumentKind, Paper
from vietnamese import fold

_MAX_NOTES = 4


def merged(papers: list[Paper]) -> tuple[Paper, ...]:
    """Drop repeats (the same title twice) and all notes but the first few.

    What everybody hands in stands first, then what some do, what is shown, and notes.
    """
    seen: dict[tuple[str, DocumentKind, str | None], Paper] = {}
    always = {(p.name.lower(), p.kind) for p in papers if p.when is None}
    for paper in papers:
        name = (paper.name.lower(), paper.kind)
        if paper.when is not None and name in always:
            continue
        known = seen.setdefault((*name, paper.when), paper)
        if paper.alternatives and not known.alternatives:
            seen[(*name, paper.when)] = paper
    rows = _without_options(list(seen.values()))
    notes = [p for p in rows if p.kind is DocumentKind.NOTE][:_MAX_NOTES]
    papers = [p for p in rows if p.kind is not DocumentKind.NOTE]
    papers.sort(key=lambda p: (p.kind is DocumentKind.SHOW, p.when is not None))
    return tuple(papers + notes)


def _without_options(rows: list[Paper]) -> list[Paper]:
    """Drop the rows that another row names as papers that may stand in its place."""
    lists = [row for row in rows if row.alternatives]
    options = {_squeezed(title) for row in lists for title in (row.name, *row.alternatives)}
    return [row for row in rows if row.alternatives or _squeezed(row.name) not in options]


def _squeezed(title: str) -> str:
    """Return the beginning of a title without accents and spaces, which the source breaks at random."""
    return re.sub(r"\W", "", fold(title))[:60]
