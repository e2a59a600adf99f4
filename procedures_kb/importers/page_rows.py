"""The rows of a page's tables, taken out of text without any separator."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from procedures_kb.build.reading import RawDocument, RawMethod, RawNamed
from procedures_kb.importers.common import LOWER, UPPER, block, one_line, quantity
from procedures_kb.importers.labels import labels

_FILE = r"\.(?:docx?|xlsx?|pdf|rtf|odt|zip|rar|jpe?g|png)"
_FORMS = re.compile(rf"(?:{_FILE})$", re.IGNORECASE)
_EACH_FORM = re.compile(rf".*?{_FILE}(?=[{UPPER}0-9(]|$)", re.IGNORECASE | re.DOTALL)
_GLUE = re.compile(
    rf"(?<=[{LOWER}0-9.;:,)\"”*])(?=[{UPPER}])|(?<=[{UPPER}])(?=[{UPPER}][{LOWER}])|(?<=[.;:)])(?=\d)"
)
_FORM_CHARS = 120


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _fee_starts() -> str:
    return _either((labels().free, labels().nothing, *labels().fee_words))


@cache
def _method_row() -> re.Pattern[str]:
    """A channel that a time, a fee or nothing follows at once; in a sentence a space would."""
    names = _either(labels().channels)
    return re.compile(rf"(?P<channel>{names})(?=\d|{_fee_starts()}|$|{names})")


@cache
def _time() -> re.Pattern[str]:
    units = _either(labels().unit_words)
    return re.compile(rf"(?P<value>\d+(?:[.,]\d+)?)\s*(?P<unit>{units})")


@cache
def _fee() -> re.Pattern[str]:
    money, kinds = _either(labels().money_words), _either(labels().fee_words)
    amount = r"\d{1,3}(?:[.,]\d{3})+|\d+(?:[.,]\d+)?"
    paid = rf"(?:(?:{kinds})\s*:\s*)?(?:{amount})\s*(?:{money})"
    return re.compile(rf"(?:{_either((labels().free, labels().nothing))}|{paid})(?=\(|\S|$)")


def method_rows(text: str) -> list[RawMethod]:
    """Return the rows of "Cách thức thực hiện", whose header is cut off already."""
    starts = list(_method_row().finditer(text))
    ends = [match.start() for match in starts[1:]] + [len(text)]
    rows: list[RawMethod] = []
    for match, end in zip(starts, ends, strict=True):
        rows += _one_method(labels().channels[match["channel"]], text[match.end() : end].strip())
    return rows


def _one_method(channel: str, text: str) -> list[RawMethod]:
    value, unit, rest = _taken_time(text)
    fees: list[str] = []
    while match := _fee().match(rest):
        note = _bracket(rest, match.end())
        fees.append(rest[: match.end()] + note)
        rest = rest[match.end() + len(note) :]
    told: list[str | None] = [fee for fee in fees if fee != labels().nothing]
    row = RawMethod(channel=channel, time_value=value, time_unit=unit, description=block(rest))
    return [row.model_copy(update={"fee_text": _lines(fee)}) for fee in told or [None]]


def _lines(fee: str | None) -> str | None:
    return None if fee is None else "\n".join(one_line(line) for line in fee.splitlines())


def _taken_time(text: str) -> tuple[float | None, str | None, str]:
    """Take the time off the row. A value without a unit (trap 3) ends where the fee's word begins."""
    match = _time().match(text)
    if match:
        return float(match["value"].replace(",", ".")), match["unit"], text[match.end() :]
    bare = re.match(rf"(\d{{1,4}})(?={_fee_starts()}|$)", text)
    if bare:
        return float(bare[1]), None, text[bare.end() :]
    # "150,000 Việt Nam Đồng" may be a time 1 and a fee of 50,000: the row's own note decides, where it can.
    glued = re.match(r"(\d{1,2})(?=\d{1,3}(?:[.,]\d{3})+)", text)
    for cut in (1, 2) if glued else ():
        amount = re.match(r"\d{1,3}(?:[.,]\d{3})+", text[cut:])
        if amount and _digits(amount[0]) in map(_digits, re.findall(r"\d{1,3}(?:[.,]\d{3})+", text[10:])):
            return float(text[:cut]), None, text[cut:]
    return None, None, text


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _bracket(text: str, at: int) -> str:
    """Return the bracket that opens at `at`, to its own end; an unclosed one runs to the row's end."""
    if text[at : at + 1] != "(":
        return ""
    depth = 0
    for end in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        if depth == 0:
            return text[at : end + 1]
    return text[at:]


@cache
def _quantity() -> re.Pattern[str]:
    """ "1 bản chính", "0 bản chính,1 bản sao" glued to the row before and to the next one."""
    first, second = re.escape(labels().originals), re.escape(labels().copies)
    return re.compile(
        rf"(?<!\s)(?P<run>\d+) (?:{first}(?:,\s*(?P<copies>\d{{1,2}}) {second})?|(?P<only>{second}))"
        rf"(?=[{UPPER}0-9\"“'(\[*+•.–-]|\n|$)"
    )


def paper_rows(text: str) -> list[RawDocument]:
    """Return the rows of "Thành phần hồ sơ": case titles stand before each header of a table."""
    header = labels().page.papers_header
    pieces = text.split(header)
    rows: list[RawDocument] = []
    case = _case(pieces[0])
    for number, piece in enumerate(pieces[1:], start=1):
        at = 0
        for match in _quantity().finditer(piece):
            cut, originals = _split_run(piece[: match.start()], match["run"])
            rows.append(_paper(case, piece[at : match.start()] + cut, originals, match))
            at = match.end()
        rest = piece[at:]
        if number < len(pieces) - 1:
            case = _case(rest)
        elif block(rest):
            rows.append(RawDocument(name=one_line(rest), group=case))
    return rows


def _case(text: str) -> str | None:
    title = one_line(text)
    return title if title.strip("- ") else None


def _split_run(before: str, run: str) -> tuple[str, int]:
    """Tell the count from the digits that the name ends with: "Mẫu số 011 bản chính" is 1 of "Mẫu số 01"."""
    if len(run) == 1 or (len(run) == 2 and before[-1:] and before[-1] not in "/ \t0123456789"):
        return "", int(run)
    return run[:-1], int(run[-1])


def _paper(case: str | None, text: str, originals: int, match: re.Match[str]) -> RawDocument:
    name, forms = _split_forms(text)
    copies = int(match["copies"]) if match["copies"] else 0
    if match["only"]:
        originals, copies = 0, originals
    return RawDocument(
        name=one_line(name),
        group=case,
        form_file="\n".join(forms) or None,
        originals=quantity(originals),
        copies=quantity(copies),
    )


def _split_forms(text: str) -> tuple[str, list[str]]:
    """Cut the form's file name off the row: it ends in an extension and begins where two words are glued."""
    text = text.strip()
    if not _FORMS.search(text):
        return text, []
    first = re.search(_FILE, text, re.IGNORECASE)
    seams = [m.start() for m in _GLUE.finditer(text, 1, first.start() if first else len(text))]
    start = next((at for at in reversed(seams) if len(text) - at > 4), None)
    if start is None or (first and first.end() - start > _FORM_CHARS):
        return text, []
    forms = [one_line(form) for form in _EACH_FORM.findall(text[start:])]
    return text[:start], [form for form in forms if form]


@cache
def _legal_code() -> re.Pattern[str]:
    """A number glued to the title before it; one inside a title stands after a space."""
    kinds, issuers = _either(labels().act_codes), _either(labels().issuers)
    acts = rf"(?:{kinds})(?:-(?:{issuers}))+|QH\d{{2}}|UBTVQH\d{{2}}|[A-ZĐ]{{2,4}}-[A-ZĐ]{{2,9}}"
    named = rf"(?<=[{LOWER}.)])(?P<act>(?:{_either(labels().acts)})(?: số)? )"
    glued = rf"(?<=\S)(?<![/,\d])(?<!\d\.)|(?<=\s)(?=(?:19|20)\d{{3}})|{named}"
    return re.compile(rf"(?:{glued})(?P<run>\d+(?:\.\d+)?)/(?P<tail>(?:19|20)\d{{2}}/(?:{acts}))")


def legal_rows(text: str) -> list[RawNamed]:
    """Return the rows of "Căn cứ pháp lý", whose header is cut off already: the title and the number."""
    rows: list[RawNamed] = []
    at = 0
    for match in _legal_code().finditer(text):
        inside = match["act"] and text[match.end() : match.end() + 1].isspace()
        if match.start() < at or inside:
            continue
        before = text[at : match.start()]
        own, serial = _split_serial(before, match["run"])
        rows.append(RawNamed(name=one_line(before + own) or None, code=f"{serial}/{match['tail']}"))
        at = match.end()
    rest = block(text[at:])
    return rows + ([RawNamed(name=one_line(rest))] if rest and not rows else [])


def _split_serial(before: str, run: str) -> tuple[str, str]:
    """Tell the number from a year or an Assembly that the title ends with ("QH1354/…", "Cư trú 202068/…")."""
    assembly = re.match(r"1[0-6](?=\d)", run) if before.endswith("QH") else None
    year = re.match(r"(?:19|20)\d{2}(?=\d)", run)
    cut = assembly or year
    return (run[: cut.end()], run[cut.end() :]) if cut else ("", run)
