"""Papers: which were added, dropped, or are asked for in another way."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from procedures_kb.diff.changes import Change, ChangeKind, Say
from procedures_kb.diff.words import Words, key_of
from procedures_kb.model import DocumentKind, Paper, Procedure


@dataclass(frozen=True)
class _Row:
    """A paper with the case that it belongs to, and both as they are compared."""

    paper: Paper
    case: str | None
    name_key: str
    case_key: str


def paper_changes(old: Procedure, new: Procedure, words: Words) -> Iterator[Change]:
    """Yield added, removed and changed papers and forms; the order of rows and a case's new name are none."""
    before, after = _rows(old), _rows(new)
    if bool(before) != bool(after):
        say = Say.PAPERS_KNOWN if after else Say.PAPERS_LOST
        yield Change(ChangeKind.DETAIL, new.code, new.short_name, words.templates[say])
        return
    pairs, gone, come = _paired(_with_renamed_cases(before, after), after)
    for row in come:
        yield _told(new, words, ChangeKind.PAPER_ADDED, row)
    for row in gone:
        yield _told(new, words, ChangeKind.PAPER_REMOVED, row)
    for one, other in pairs:
        yield from _asked_differently(one, other, new, words)
        yield from _form(one.paper, other.paper, new, words)


def _rows(procedure: Procedure) -> list[_Row]:
    return [
        _Row(paper, case.case, key_of(paper.name), key_of(case.case or ""))
        for case in procedure.documents
        for paper in case.items
        if paper.kind is not DocumentKind.NOTE
    ]


def _with_renamed_cases(before: Sequence[_Row], after: Sequence[_Row]) -> list[_Row]:
    """Give the rows of a case that only changed its name the new name."""
    old, new = _by_case(before), _by_case(after)
    renamed = {}
    for case, papers in old.items():
        others = [other for other, names in new.items() if names == papers and other not in old]
        if case not in new and len(others) == 1:
            renamed[case] = next(row for row in after if row.case_key == others[0])
    return [
        replace(row, case_key=named.case_key, case=named.case)
        if (named := renamed.get(row.case_key))
        else row
        for row in before
    ]


def _by_case(rows: Sequence[_Row]) -> dict[str, list[str]]:
    cases: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        cases[row.case_key].append(row.name_key)
    return {case: sorted(names) for case, names in cases.items()}


def _paired(
    before: Sequence[_Row], after: Sequence[_Row]
) -> tuple[list[tuple[_Row, _Row]], list[_Row], list[_Row]]:
    """Pair equal rows, then rows of the same case and name, then of the same name; return what is left over.

    Several papers of one procedure may have the same name (the forms for each way of asking).
    """
    pairs: list[tuple[_Row, _Row]] = []
    gone, come = list(before), list(after)
    keys: tuple[Callable[[_Row], tuple[str, ...]], ...] = (
        lambda row: (row.case_key, row.name_key, *_facts(row.paper)),
        lambda row: (row.case_key, row.name_key, key_of(row.paper.form or "")),
        lambda row: (row.case_key, row.name_key),
        lambda row: (row.name_key,),
    )
    for key in keys:
        waiting: dict[tuple[str, ...], deque[_Row]] = defaultdict(deque)
        for row in come:
            waiting[key(row)].append(row)
        left = []
        for row in gone:
            if waiting[key(row)]:
                pairs.append((row, waiting[key(row)].popleft()))
            else:
                left.append(row)
        gone, come = left, [row for row in come if any(row is one for one in waiting[key(row)])]
    return pairs, gone, come


def _facts(paper: Paper) -> tuple[str, ...]:
    """Return all that is told of a paper beside its name, as it is compared."""
    told = (paper.form, paper.when, *_others(paper))
    return (paper.kind.value, f"{paper.originals}+{paper.copies}", *(key_of(text or "") for text in told))


def _told(new: Procedure, words: Words, kind: ChangeKind, row: _Row) -> Change:
    added, name = kind is ChangeKind.PAPER_ADDED, row.paper.name
    case = f" ({_when(row, words)})" if row.paper.when or row.case else ""
    sentence = words.templates[Say(kind.value)].format(paper=name, case=case)
    before, after = ((), (name,)) if added else ((name,), ())
    return Change(kind, new.code, new.short_name, sentence, before, after, about=name)


def _asked_differently(one: _Row, other: _Row, new: Procedure, words: Words) -> Iterator[Change]:
    """Tell what differs in one paper, and only that."""
    facets = [
        (_count(one.paper, words), _count(other.paper, words)),
        (words.kinds_of_paper[one.paper.kind], words.kinds_of_paper[other.paper.kind]),
        (_when(one, words), _when(other, words)),
    ]
    if _others(one.paper) != _others(other.paper):
        facets.append((_instead(one.paper, words), _instead(other.paper, words)))
    different = [(a, b) for a, b in facets if key_of(a) != key_of(b)]
    if not different:
        return
    before, after = (tuple(side) for side in zip(*different, strict=True))
    sentence = words.templates[Say.PAPER_CHANGED].format(
        paper=other.paper.name, before=", ".join(before), after=", ".join(after)
    )
    kind = ChangeKind.PAPER_CHANGED
    yield Change(kind, new.code, new.short_name, sentence, before, after, about=other.paper.name)


def _count(paper: Paper, words: Words) -> str:
    parts = [(paper.originals, words.phrases.originals), (paper.copies, words.phrases.copies)]
    return ", ".join(text.format(count=n) for n, text in parts if n) or words.phrases.no_count


def _when(row: _Row, words: Words) -> str:
    case = words.phrases.in_case.format(case=row.case) if row.case else ""
    return ", ".join(part for part in (case, row.paper.when) if part) or words.phrases.always


def _others(paper: Paper) -> list[str]:
    return sorted(key_of(name) for name in paper.alternatives)


def _instead(paper: Paper, words: Words) -> str:
    if not paper.alternatives:
        return words.phrases.no_instead
    return words.phrases.instead.format(others="; ".join(f"“{name}”" for name in paper.alternatives))


def _form(one: Paper, other: Paper, new: Procedure, words: Words) -> Iterator[Change]:
    before, after = one.form, other.form
    if key_of(before or "") == key_of(after or ""):
        return
    say = Say.FORM_CHANGED if before and after else Say.FORM_ADDED if after else Say.FORM_REMOVED
    sentence = words.templates[say].format(paper=other.name, before=before, after=after)
    yield Change(
        ChangeKind.FORM,
        new.code,
        new.short_name,
        sentence,
        (before,) if before else (),
        (after,) if after else (),
        about=other.name,
    )
