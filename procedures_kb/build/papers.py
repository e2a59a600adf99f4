"""Papers of the dossier: rows become titles, cases, quantities, forms, alternatives and kinds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from procedures_kb.build.forms import form_of, form_of_file
from procedures_kb.build.merge_papers import any_of, merged
from procedures_kb.build.phrases import hangs, phrase
from procedures_kb.build.quantities import Quantity, repair, stated
from procedures_kb.build.reading import RawDocument
from procedures_kb.build.rows import whole_rows
from procedures_kb.build.rules import paper_rules, pattern
from procedures_kb.build.text import (
    capitalise,
    clean,
    first_sentence,
    has_letters,
    shorten,
    strip_bullets,
    tidy,
    without_boilerplate,
    words,
)
from procedures_kb.build.whens import authorised, split_when, told_elsewhere
from procedures_kb.model import MAX_PHRASE_WORDS, MAX_TITLE, DocumentCase, DocumentKind, Paper

TITLE = 120
_CASE_CHARS = 120
_MIN_TITLE = 3
_MIN_HEAD = 8
_READ = 900
_MAX_OPTIONS = 12


@dataclass(frozen=True)
class ReadDocuments:
    """The cases of the dossier, and whether a quantity had to be repaired."""

    cases: tuple[DocumentCase, ...]
    repaired: bool


@dataclass(frozen=True)
class _Row:
    case: str | None
    papers: tuple[Paper, ...]


def read_documents(rows: list[RawDocument], forms: Mapping[str, str] | None = None) -> ReadDocuments:
    """Derive the dossier from the portal's rows, which come in no reliable order.

    `forms` gives the form of a row by the row's text, where the source has it in a column of its own.
    """
    repaired = False
    groups: dict[str | None, list[Paper]] = {}
    options: dict[tuple[str | None, str], list[Paper]] = {}
    for source in rows:
        for at, row in enumerate(_rows(source)):
            quantity = repair(clean(row.name), row.originals, row.copies)
            repaired = repaired or quantity.repaired
            case, papers = _read(row, quantity)
            if forms and source.name in forms and at == 0:
                papers = [
                    p.model_copy(update={"form": clean(forms[source.name])[:MAX_TITLE]}) for p in papers
                ]
            known = groups.setdefault(case, [])
            if pattern("papers.one_of_group").search(clean(row.group or "")) and papers:
                options.setdefault((case, clean(row.group or "")), []).extend(papers)
            else:
                known.extend(papers)
    for (case, _), papers in options.items():
        groups[case].extend(any_of(papers))
    elsewhere = told_elsewhere(row.name for row in rows)
    cases = tuple(
        DocumentCase(case=case, items=items)
        for case, papers in groups.items()
        if (items := merged([authorised(elsewhere(paper), case) for paper in papers]))
    )
    always_first = sorted(cases, key=lambda c: c.case is not None)
    return ReadDocuments(tuple(always_first), repaired)


def _rows(source: RawDocument) -> Iterator[RawDocument]:
    """Yield the papers of a row; those of a transcribed one stay together in a title where they fit."""
    rows = list(whole_rows(source))
    rest = "".join(f"; {row.name[:1].lower()}{row.name[1:]}" for row in rows[1:])
    if source.brief and rest and len(rows[0].name + rest) <= MAX_TITLE:
        rows = [rows[0].model_copy(update={"besides": rest.rstrip(" ;.")})]
    yield from rows


def _read(row: RawDocument, quantity: Quantity) -> tuple[str | None, list[Paper]]:
    rules = paper_rules()
    group = clean(row.group or "")
    case = case_of(group)
    if not has_letters(quantity.text):
        return case, []
    if rules.note_group.search(group) or _is_note(quantity):
        note = note_of(quantity.text)
        return None, [note] if note else []
    if _is_header(quantity) or (
        pattern("papers.office_group").search(group) and pattern("papers.office_row").match(quantity.text)
    ):
        return case, []
    show = bool(rules.show_group.search(group)) or bool(rules.show_row.search(quantity.text))
    kind = DocumentKind.SHOW if show else DocumentKind.SUBMIT
    paper = paper_of(quantity, row.form_file, kind, brief=row.brief)
    if paper and row.besides:
        paper = paper.model_copy(update={"name": f"{paper.name}{row.besides}"[:MAX_TITLE]})
    return case, [paper] if paper else []


def case_of(group: str) -> str | None:
    """Return the case of a group's title, None where the title is only a heading of the table."""
    rules = paper_rules()
    text = pattern("papers.group_number").sub("", group)
    lettered = pattern("papers.lettered_case").match(text)
    if lettered:
        text = text[lettered.end() :]
    text = pattern("papers.one_of_bracket").sub("", pattern("papers.one_of_head").sub("", text))
    if (
        not text
        or (not lettered and rules.header_group.match(text))
        or rules.note_group.search(text)
        or rules.show_group.search(text)
    ):
        return None
    text = strip_bullets(text)
    text = pattern("papers.case_head").sub("", text)
    text = pattern("papers.case_tail").sub("", text)
    text = tidy(strip_bullets(text))
    said = shorten(text, _CASE_CHARS, MAX_PHRASE_WORDS)  # a case needs its details: "tại chỗ ở thuê" tells it
    case = strip_bullets(said if not hangs(said) else phrase(text, limit=_CASE_CHARS) or "")
    case = strip_bullets(pattern("papers.case_edges").sub("", case).strip())
    if rules.not_paper.match(case) and pattern("papers.case_sentence").match(case):
        return None
    if re.match(r"theo |nếu có$|hồ sơ$|cụ thể", case, re.IGNORECASE):
        return None
    return capitalise(case) if len(case) >= _MIN_TITLE and has_letters(case) else None


def _is_note(row: Quantity) -> bool:
    rules = paper_rules()
    text = strip_bullets(row.text)
    if re.match(r"khi |trong quá trình ", text, re.IGNORECASE) and len(text) > _READ // 4:
        return True
    if not rules.note_row.search(first_sentence(text) if rules.paper_head.match(text) else text):
        return False
    if row.originals == row.copies == 0 or re.match(r"lưu ý|ghi chú|số lượng", text, re.IGNORECASE):
        return True
    return not rules.paper_head.match(text) or bool(
        re.match(r"trường hợp|khi |nếu |đối với", text, re.IGNORECASE)
    )


def _is_header(row: Quantity) -> bool:
    rules = paper_rules()
    text = strip_bullets(row.text)
    if rules.one_of.fullmatch(text):
        return True
    if text.endswith(":") and (row.originals == row.copies == 0 or not rules.paper_head.match(text)):
        return True
    if pattern("papers.heading_row").match(text):
        return True
    return (
        bool(rules.header_row.search(text))
        and words(text) <= 22
        and text.rstrip().endswith((":", "sau", "đây"))
    )


def note_of(text: str) -> Paper | None:
    """Return a row of advice as a note of at most 15 words; None where it is too long to say so briefly."""
    text = pattern("papers.note_head").sub("", clean(text))
    said = tidy(first_sentence(strip_bullets(text)))
    if text.rstrip().endswith(":"):
        return None
    if not len(said) >= _MIN_TITLE or words(said) > MAX_PHRASE_WORDS or not has_letters(said):
        return None
    return Paper(name=capitalise(said), kind=DocumentKind.NOTE)


def paper_of(
    row: Quantity, form_file: str | None, kind: DocumentKind, *, brief: bool = False
) -> Paper | None:
    """Return the paper that a row names; None where no title is left. A `brief` row is a title already."""
    rules = paper_rules()
    text = strip_bullets(row.text)
    form = form_of(_own(text)) or form_of_file(form_file)
    certified = bool(pattern("papers.certified").search(text))
    counted = stated(replace(row, text=text))
    text, others = _instead(_unwrapped(counted.text))
    text, when = split_when(text)
    text = pattern("papers.these").sub("", rules.submit_verbs.sub("", strip_bullets(text)))
    quantity = stated(replace(counted, text=text))
    names = titles_of(quantity.text, brief=brief)
    if names and when and not (rules.paper_head.match(names[0]) or names[0].startswith(rules.several_of)):
        names, when = titles_of(row.text, brief=brief), None
    if pattern("papers.other_papers").match(strip_bullets(row.text)):
        return Paper(name=rules.other_papers, kind=kind, when=rules.when_vague)
    if not names:
        return None
    if pattern("papers.kin_uncertified").search(row.text) and pattern("papers.authority").match(names[0]):
        names[0] = f"{names[0].removesuffix(')')}{'; ' if names[0].endswith(')') else ' ('}{rules.kin_note})"
    if pattern("papers.kin_unneeded").search(row.text):
        when = rules.when_not_kin
    if when is None and pattern("papers.if_found").search(row.text):
        when = rules.when_not_found
    if rules.postal_slip.search(text):
        return Paper(name=rules.postal_note, kind=DocumentKind.NOTE)
    if rules.not_paper.search(names[0]):
        return note_of(row.text)
    return Paper(
        name=_certified(names[0]) if certified else names[0],
        originals=quantity.originals,
        copies=quantity.copies,
        form=form,
        alternatives=tuple(dict.fromkeys([*names[1:], *others])),
        kind=kind,
        when=when,
    )


def _instead(text: str) -> tuple[str, list[str]]:
    """Split off what may stand in the paper's place ("…; trường hợp không có X thì nộp Y"), as titles."""
    found = [m for m in pattern("papers.instead").finditer(text) if m.start() >= _MIN_HEAD]
    if not found or re.search(r";|\.\s", text[: found[0].start()].rpartition(":")[2]):
        return text, []  # it speaks of another paper of the row
    titles = [title for match in found if (title := title_of(match[1], wrapped=False))]
    if (
        not titles
        or any(re.match(r"bản chính", title, re.IGNORECASE) for title in titles)
        or not all(paper_rules().paper_head.match(title) for title in titles)
    ):
        return text, []
    return text[: found[0].start()].rstrip(" ,;."), titles


def _own(text: str) -> str:
    """Return `text` without an aside that tells of another paper, and of its form."""
    if not pattern("papers.also_needs").search(text):
        return text
    return pattern("papers.aside").split(text, maxsplit=1)[0]


def _certified(name: str) -> str:
    """Say with the title that the paper must be notarised or certified, where that fits."""
    told = f"{name} ({paper_rules().certified})"
    return told if len(told) <= TITLE and "chứng thực" not in name else name


def _unwrapped(text: str) -> str:
    """Open a row that stands in brackets as a whole."""
    return text[1:-1].strip() if text.startswith("(") and text.find(")") == len(text) - 1 else text


def titles_of(text: str, *, brief: bool = False) -> list[str]:
    """Return the title of a paper, followed by those of the papers that may stand in its place."""
    rules = paper_rules()
    one_of = rules.one_of.search(text)
    if one_of and pattern("papers.not_list_head").search(text[: one_of.start()]):
        one_of = None
    rest = strip_bullets(text[one_of.end() :]) if one_of else ""
    if rest[:1].islower() and not rules.paper_head.match(rest):
        listed = pattern("papers.list_after").match(rest)
        if listed is None:
            return _by_law(rest)
        rest = strip_bullets(rest[listed.end() :])
    if len(rest) > 8:
        options = _options(rest)
    else:
        options = _alternatives(_closed(first_sentence(rules.copy_wrapper.sub("", text))))
    titles = [title for option in options if (title := title_of(option, brief=brief))]
    first, *others = titles or [""]
    kept = [first, *(title for title in others if not rules.not_paper.search(title))]
    return [title for title in dict.fromkeys(kept) if title][:_MAX_OPTIONS]


def _by_law(rest: str) -> list[str]:
    """Name one of several papers that only the law lists; its paragraphs are no title."""
    rules = paper_rules()
    told = title_of(f"{rules.several_of} {first_sentence(rest)}")
    law = pattern("papers.law").search(rest)
    if law and (told is None or pattern("papers.when_law").search(told)):
        told = f"{rules.several_of} theo {law[1]}"
    return [told] if told else []


def _options(rest: str) -> list[str]:
    """Return the papers of a list, of which one will do."""
    cut = pattern("papers.list_cut")
    if not cut.search(rest):
        return re.split(r",\s(?:hoặc )?(?=[A-ZÀ-ỸĐ])|\s+hoặc\s+", rest)
    parts = [strip_bullets(part) for part in cut.split(rest)]
    return [part for n, part in enumerate(parts) if not n or paper_rules().paper_head.match(part)]


def _closed(text: str) -> str:
    """Return `text` before a bracket that the cut left open."""
    at = text.rfind("(")
    return text[:at] if at > _MIN_HEAD and text.count("(") > text.count(")") else text


def _alternatives(text: str) -> list[str]:
    if len(text) <= 60 and text.count(" hoặc ") < 2:
        return [text]
    parts = re.split(r",?\s+hoặc(?:\s+là)?\s+(?![^()]*\))", text)
    if len(text) <= TITLE and any(pattern("papers.no_object").search(part) for part in parts[:-1]):
        return [text]
    head = paper_rules().paper_head
    options: list[str] = []
    for part in parts:
        if options and not head.match(part.strip()):
            options[-1] += " hoặc " + part
        else:
            options.append(part)
    return options


def title_of(text: str, *, wrapped: bool = True, brief: bool = False) -> str | None:
    """Return a paper's title: no bullet, no "bản sao", no reference to a decree, at most 120 characters.

    `wrapped` False keeps "Bản sao …": what one gets may be a copy. `brief` keeps what goes with the paper.
    """
    rules = paper_rules()
    text = strip_bullets(clean(text[:_READ]))
    text = rules.copy_wrapper.sub("", text) if wrapped else pattern("papers.result_code").sub("", text)
    trimmed = tidy(_without_form(text))
    plain = tidy(without_boilerplate(trimmed))
    trimmed = plain if len(plain) >= 8 else trimmed
    if len(trimmed) > (TITLE if brief else TITLE // 2):
        shorter = tidy(rules.tail.sub("", trimmed))
        trimmed = shorter if len(shorter) >= 8 else trimmed
    title = capitalise(tidy(_without_form(shorten(trimmed, TITLE))))
    return title if len(title) >= _MIN_TITLE and has_letters(title) and not rules.bare.match(title) else None


def _without_form(text: str) -> str:
    text = pattern("papers.form_bracket").sub("", text)
    text = pattern("papers.form_clause").sub("", text)
    return pattern("papers.appendix_clause").sub("", text) or text
