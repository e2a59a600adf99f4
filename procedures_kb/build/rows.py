"""Rows of the dossier as the portal meant them: no file name glued on, no footnote, one paper a row."""

from __future__ import annotations

import re
from collections.abc import Iterator

from procedures_kb.build.reading import RawDocument
from procedures_kb.build.rules import paper_rules, pattern
from procedures_kb.build.text import clean, strip_bullets

_CUTS = ("act", "bracket", "glued", "stop", "digit")  # where a file name begins, the surest mark first
_MIN_NAME = 8
_TITLE = 120


def whole_rows(row: RawDocument) -> Iterator[RawDocument]:
    """Yield `row` repaired; a row that lists several papers is yielded as one row for each."""
    repaired = _repaired(row)
    if pattern("papers.office_group").search(clean(row.group or "")):
        yield repaired  # an office's own papers, which nobody brings
        return
    names = _listed(repaired.name)
    if not names:
        yield repaired
        return
    for at, name in enumerate(names):
        yield repaired.model_copy(update={"name": name, "form_file": None if at else repaired.form_file})


def _repaired(row: RawDocument) -> RawDocument:
    """Put back what the portal took for a file's name, and take off what it glued on."""
    name, file = row.name.rstrip(), row.form_file
    if file and pattern("rows.broken").search(name) and pattern("rows.continued").match(file):
        name, file = f"{name}{file.strip()}", None
    name, cut = _without_file(pattern("rows.slug").sub("", clean(name)))
    name = pattern("rows.law_bracket").sub("", pattern("rows.footnote").sub("", name))
    name = pattern("rows.valid_if").sub(r"(\1\2)", pattern("rows.no_space").sub(". ", name))
    name = pattern("rows.bracket_stop").sub("; ", pattern("rows.stop_bracket").sub(" (", name))
    label, colon, items = name.partition(":")
    if colon and len(name) <= _TITLE and pattern("rows.series_label").fullmatch(strip_bullets(label)):
        name = f"{label}: {items.strip().rstrip(';.').replace(';', ',')}"
    if name.rstrip("; ").count(";") == 1:
        name = pattern("rows.joined").sub(", ", name)
    return row.model_copy(update={"name": name, "form_file": cut or file})


def _without_file(text: str) -> tuple[str, str | None]:
    """Split off the file name that runs on from the text ("… (mẫu NA17)101-Mau.doc")."""
    if not pattern("rows.extension").search(text):
        return text, None
    text = text[: next(pattern("rows.first_file").finditer(text)).end()]
    for cut in _CUTS:
        for match in reversed(list(pattern(f"rows.file_{cut}").finditer(text))):
            name, file = text[: match.end()], text[match.end() :]
            if len(name) >= _MIN_NAME and re.search(r"[^\W\d_]{2}|\d{2}", file.rpartition(".")[0]):
                return name, file
    return text, None


def _listed(name: str) -> list[str]:
    """Return the papers of a row that is only a list of them ("Bản sao các giấy tờ sau: - …; - …")."""
    head = pattern("rows.list_head").match(strip_bullets(name))
    also = pattern("rows.also").match(name)
    if also and paper_rules().paper_head.match(strip_bullets(also[1])):
        return [also[1], also[2]]
    own = [part.strip() for part in pattern("rows.own_cut").split(name) if part.strip(" .;")]
    if (
        len(own) > 1
        and all(not _lead(part) for part in own)
        and all(_own_case(strip_bullets(part)) for part in own)
    ):
        return own
    if head is None:
        pair = pattern("rows.pair").fullmatch(strip_bullets(name))
        if pair and paper_rules().paper_head.match(pair[2]):
            return [pair[1], pair[2]]
        return _in_series(name)
    text = strip_bullets(name)[head.end() :]
    parts = [strip_bullets(part) for part in pattern("rows.list_cut").split(text)]
    papers = [part for part in parts if paper_rules().paper_head.match(part)]
    papers = [part for part in papers if not re.match(r"(?:trường hợp|đối với)\b", part, re.IGNORECASE)]
    return papers if len(papers) > 1 else []


def _in_series(name: str) -> list[str]:
    """Return the papers of a row that names one after another ("A; B; C", "Hồ sơ gồm: + A + B")."""
    text = strip_bullets(name)
    case = pattern("rows.series_lead").match(text)
    if case:
        lead = pattern("rows.series_lead_tail").sub(":", case[1])
        return [f"{lead} {paper}" for paper in _in_series(text[case.end() :])]
    head = pattern("rows.series_head").match(text)
    unfit = ("rows.series_content", "rows.series_office")
    if head and (paper_rules().one_of.search(head[1]) or any(pattern(p).search(head[1]) for p in unfit)):
        return []
    papers: list[str] = []
    body = text[head.end() :] if head else text
    for raw in pattern("rows.series_bullets" if head else "rows.series_cut").split(body):
        part = strip_bullets(raw)
        own = len(part) >= _MIN_NAME and _is_paper(part)
        if own and not (papers and _goes_on(papers[-1])):
            papers.append(part)
        elif not papers:
            return []
        elif part:
            papers[-1] = f"{papers[-1]}; {part}"
    if head and pattern("rows.series_label").fullmatch(head[1]) and len(text) <= _TITLE:
        return []
    return _with_common_case(papers) if len(papers) > 1 else []


def _goes_on(part: str) -> bool:
    """Return whether what follows `part` belongs to it: to its options, or to a case that it tells."""
    return bool(paper_rules().one_of.search(part) or pattern("rows.series_inner").search(part))


def _with_common_case(papers: list[str]) -> list[str]:
    """Give both of two papers the condition that ends their row: it may hold for either."""
    case = pattern("rows.series_case").search(papers[-1])
    own = pattern("rows.series_case").search(papers[0]) or pattern("rows.series_with").match(papers[-1])
    if len(papers) != 2 or case is None or own:
        return papers
    return [f"{papers[0].rstrip(' ,.')}{case.group()}", papers[1]]


def _is_paper(part: str) -> bool:
    """Return whether `part` names a paper of its own, and says nothing of one named before."""
    return bool(pattern("rows.series_paper").match(part)) and not pattern("rows.series_not").search(part)


def _own_case(part: str) -> bool:
    """Return whether `part` is a paper with a condition of its own."""
    return bool(paper_rules().paper_head.match(part) and pattern("rows.own_case").search(part))


def _lead(part: str) -> bool:
    """Return whether `part` begins with a condition, or speaks of papers named before."""
    return bool(pattern("rows.lead").match(strip_bullets(part)))
