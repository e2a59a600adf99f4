"""The papers of one case put together: no repeats, no options beside the row that lists them."""

from __future__ import annotations

import re

from procedures_kb.build.rules import paper_rules
from procedures_kb.model import MAX_TITLE, DocumentKind, Paper
from vietnamese import fold

_MAX_NOTES = 4
_MAX_OPTIONS = 12


def merged(papers: list[Paper]) -> tuple[Paper, ...]:
    """Drop repeats (the same title twice) and all notes but the first few.

    What everybody hands in stands first, then what some do, what is shown, and notes.
    """
    seen: dict[tuple[str, DocumentKind, str | None, tuple[str, ...]], Paper] = {}
    always = {(p.name.lower(), p.kind) for p in papers if p.when is None}
    for paper in papers:
        name = (paper.name.lower(), paper.kind)
        if paper.when is not None and name in always:
            continue
        seen.setdefault((*name, paper.when, paper.alternatives), paper)
    listed = {key[:3] for key in seen if key[3]}
    rows = _without_options([paper for key, paper in seen.items() if key[3] or key[:3] not in listed])
    notes = [p for p in rows if p.kind is DocumentKind.NOTE][:_MAX_NOTES]
    papers = [p for p in rows if p.kind is not DocumentKind.NOTE]
    papers.sort(key=lambda p: (p.kind is DocumentKind.SHOW, p.when is not None))
    return tuple(papers + notes)


def any_of(papers: list[Paper]) -> list[Paper]:
    """Put the papers of a group of which one will do together; those of one case only stay by themselves."""
    options = [p for p in papers if p.when is None and p.kind is not DocumentKind.NOTE]
    if len(options) < 2:
        return papers
    forms = {paper.form for paper in options}
    titles = dict.fromkeys(
        title
        for paper in options
        for title in (_told(paper, options[0], with_form=len(forms) > 1), *paper.alternatives)
    )
    first, *others = titles
    joined = options[0].model_copy(
        update={
            "name": first,
            "alternatives": tuple(others[:_MAX_OPTIONS]),
            "form": forms.pop() if len(forms) == 1 else None,
        }
    )
    return [joined, *(p for p in papers if p not in options)]


def _told(paper: Paper, first: Paper, *, with_form: bool) -> str:
    """Return the title of an option with what sets it apart from the first: its form, original or copy."""
    told = [paper.form] if with_form and paper.form else []
    if (paper.originals, paper.copies) != (first.originals, first.copies) and paper.copies:
        rules = paper_rules()
        told.append(rules.original_or_copy if paper.originals else rules.copy_only)
    name = f"{paper.name} ({'; '.join(told)})" if told else paper.name
    return name if len(name) <= MAX_TITLE else paper.name


def _without_options(rows: list[Paper]) -> list[Paper]:
    """Drop the rows that another row names as papers that may stand in its place."""
    lists = [row for row in rows if row.alternatives]
    options = {_squeezed(title) for row in lists for title in (row.name, *row.alternatives)}
    return [row for row in rows if row.alternatives or _squeezed(row.name) not in options]


def _squeezed(title: str) -> str:
    """Return the beginning of a title without accents and spaces, which the source breaks at random."""
    return re.sub(r"\W", "", fold(title))[:60]
