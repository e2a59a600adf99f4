"""What the importers share: codes, fee texts, dates, the quoted wording, and one way to refuse."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from pydantic import ValidationError

from procedures_kb.build.fees import clean_note, fees_in
from procedures_kb.build.reading import RawMethod, RawProcedure
from procedures_kb.build.rules import fee_rules
from procedures_kb.build.text import clean
from procedures_kb.importers.contract import Format, Imported, QuotedPaper, Refused, Wording
from procedures_kb.importers.guards import BadFile
from procedures_kb.importers.labels import labels
from procedures_kb.model import CODE_PATTERN, INTERNAL_PREFIXES
from vietnamese import normalise

INTERNAL = "internal to the administration, not for citizens"
_CODE = re.compile(rf"^{CODE_PATTERN}$")
_CODE_IN_NAME = re.compile(rf"(?<![\d.]){CODE_PATTERN}(?!\d)")
_VIETNAM = timezone(timedelta(hours=7))
_FIRST_DAY = date(2015, 1, 1)  # the national database is younger
_MAX_QUANTITY = 999
_DECISION = re.compile(r"\bQĐ(?:/\d+)?-([A-ZĐ]{2,10})")
# The longest of each in 2,957 genuine records: steps and conditions 45,000 characters, another text 23,000, a
# name 1,192; 94 papers. What is much longer is no procedure, and would keep the derivation busy for minutes.
MAX_LONG_TEXT, MAX_TEXT, MAX_NAME, MAX_ROWS = 200_000, 60_000, 3_000, 1_000
# Vietnamese letters by case, for character classes: in Unicode's tables the two alternate.
_LETTERS = [chr(code) for block in ((0x41, 0x1B1), (0x1EA0, 0x1EFA)) for code in range(*block)]
UPPER = "".join(char for char in _LETTERS if char.isupper())
LOWER = "".join(char for char in _LETTERS if char.islower())


def one_line(text: str | None) -> str:
    """Return `text` as the portal means it, on one line: NFC, plain spaces, marks on their letters."""
    return " ".join(lines_of(text))


def lines_of(text: str | None) -> list[str]:
    """Return the lines of `text` that say something, each repaired as in `one_line`."""
    return [line for raw in (text or "").splitlines() if (line := _repaired(raw))]


def _repaired(line: str) -> str:
    line = re.sub(r"[ \t]([\u0300-\u036f])", r"\1 ", line)  # a mark that fell behind its word's space
    plain = unicodedata.normalize("NFC", line)
    if any(unicodedata.combining(char) for char in plain) or re.search(r"[\u200b-\u200f\ufeff]", plain):
        return normalise(line)
    return re.sub(r"[\s\u00a0\u00ad]+", " ", plain).strip()


def block(text: str | None) -> str | None:
    """Return `text` with its lines repaired, None where it says nothing or "Không có thông tin"."""
    told = "\n".join(lines_of(text))
    return told if told and told.strip(" .").lower() != labels().nothing.lower() else None


def code_of(text: str | None) -> str | None:
    """Return the procedure's code, None where `text` is none."""
    code = (text or "").strip()
    return code if _CODE.match(code) else None


def is_internal(code: str) -> bool:
    """Return whether `code` is one of the administration's own procedures."""
    return code.startswith(INTERNAL_PREFIXES)


def wrong_code(file: Path, code: str) -> str | None:
    """Return the reason to refuse where the name of `file` promises another code than the one inside."""
    promised = set(_CODE_IN_NAME.findall(file.stem))
    if not promised or code in promised:
        return None
    return f"wrong procedure: the file's name says {', '.join(sorted(promised))}, but inside is {code}"


def shape_reason(error: ValidationError) -> str:
    """Return the first thing that is not as the format has it, as one sentence."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"not as the format has it: {where or 'the record'}: {first['msg']}{more}"


def day_of_ms(value: float | None, today: date) -> date | None:
    """Return the day in Vietnam of a time in milliseconds, None where it cannot be one of the portal's."""
    if value is None:
        return None
    try:
        day = datetime.fromtimestamp(value / 1000, _VIETNAM).date()
    except (OverflowError, ValueError, OSError):
        return None
    return day if _FIRST_DAY <= day <= today + timedelta(days=1) else None


def fee_text(value: float | None, note: str | None, currency: str | None = None) -> str | None:
    """Return a fee as the portal's page prints it: "50,000 Việt Nam Đồng(note)", "Miễn phí" for zero."""
    told = block(note)
    tail = f"({told})" if told else ""
    if value is None:
        return labels().nothing + tail if tail else None
    if value == 0:
        return labels().free + tail
    unit = one_line(currency)
    dong = not unit or unit.lower() in labels().dong_words
    amount = f"{value:,.0f}" if value == int(value) else f"{value:,}"
    return f"{amount} {labels().dong if dong else unit}{tail}"


def conflicting(methods: Iterable[RawMethod]) -> bool:
    """Return whether a zero is printed as "free" beside a note that names an amount or a tariff (trap 1)."""
    return any(_contradicted(method.fee_text or "") for method in methods)


def _contradicted(text: str) -> bool:
    rules = fee_rules()
    if not rules.free.match(clean(text)) or "(" not in text:
        return False
    note = clean_note(text.partition("(")[2])
    if rules.nothing.match(note):
        return False
    if any(fee.amount for fee in fees_in(note)) or rules.by_province.search(note):
        return True
    if rules.truly_free.search(note):
        return bool(rules.law_number.search(note))
    return bool(rules.by_law.search(note))


def quantity(value: int | None) -> int | None:
    """Return a count of papers; None for one that cannot be a count."""
    return value if value is not None and 0 <= value <= _MAX_QUANTITY else None


def ministry_of_decision(number: str | None) -> str | None:
    """Return the ministry whose decision `number` is ("163/QĐ-BTP"); None for a province's."""
    match = _DECISION.search(number or "")
    return labels().decision_ministries.get(match[1]) if match else None


def split_levels(text: str | None) -> list[str]:
    """Return the levels of "Xã, Tỉnh" or "Cấp xã, Cấp tỉnh" in the spelling that the build reads."""
    found: list[str] = []
    for part in re.split(r"[,;\n]", one_line(text)):
        word = part.strip().lower().removeprefix("cấp ").strip()
        known = next((name for key, name in labels().level_words.items() if word.startswith(key)), None)
        if known is None and word:
            known = labels().levels.other
        if known and known not in found:
            found.append(known)
    return found


def record(
    file: Path,
    at: str,
    kind: Format,
    raw: RawProcedure,
    *,
    taken: date,
    updated: date | None = None,
    province: str | None = None,
    in_name: bool = True,
) -> Imported | Refused:
    """Return the import of one whole procedure, or why it is refused.

    `at` names the place for the operator. `in_name` is False where the file holds several records, so that
    its name cannot promise one code.
    """
    code = code_of(raw.code)
    if code is None:
        return Refused(at, f"holds no procedure code of the form 1.001193 (found: {_shown(raw.code)})")
    if in_name and (reason := wrong_code(file, code)):
        return Refused(at, reason, code)
    if is_internal(code):
        return Refused(at, INTERNAL, code)
    if not raw.name:
        return Refused(at, "holds no name of the procedure", code)
    if reason := _oversized(raw):
        return Refused(at, reason, code)
    raw = raw.model_copy(
        update={"code": code, "retrieved": taken, "fee_conflict": conflicting(raw.methods)},
    )
    try:
        wording = _wording(raw, kind, taken)
    except ValidationError as error:
        return Refused(at, shape_reason(error), code)
    return Imported(at, kind, detail=raw, wording=wording, updated=updated, province=province)


def _oversized(raw: RawProcedure) -> str | None:
    """Return why `raw` is far larger than any procedure, None where it is not."""
    rows = (*raw.methods, *raw.documents, *raw.results, *raw.legal)
    if len(rows) > MAX_ROWS:
        return f"holds {len(rows):,} rows of methods, papers and legal texts: not one procedure"
    texts = [value for row in rows for value in row.model_dump().values() if isinstance(value, str)]
    texts += [raw.executing_agency or "", raw.authority or "", raw.receiving_address or "", *raw.audience]
    for what, longest, limit in (
        ("name", len(raw.name), MAX_NAME),
        ("text", max(len(raw.steps or ""), len(raw.conditions or "")), MAX_LONG_TEXT),
        ("text", max(map(len, texts), default=0), MAX_TEXT),
    ):
        if longest > limit:
            return f"holds a {what} of {longest:,} characters (the limit is {limit:,}): not one procedure"
    return None


def _wording(raw: RawProcedure, kind: Format, taken: date) -> Wording:
    return Wording(
        code=raw.code,
        format=kind,
        taken=taken,
        steps=raw.steps or None,
        conditions=raw.conditions or None,
        methods=tuple(dict.fromkeys(m.description for m in raw.methods if m.description)),
        papers=tuple(
            QuotedPaper(
                case=d.group or None,
                name=d.name,
                originals=d.originals,
                copies=d.copies,
                form=d.form_file or None,
            )
            for d in raw.documents
            if d.name.strip()
        ),
    )


def _shown(value: str) -> str:
    text = one_line(value) or "nothing"
    return text if len(text) <= 40 else text[:40] + "…"


def refused(file: Path, error: BadFile) -> Refused:
    """Return the refusal of a whole file."""
    return Refused(str(file), str(error))
