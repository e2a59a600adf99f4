"""Fees: amounts with their cases, and what may be said of them (trap 1: never "free" against a note)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from procedures_kb.build.fee_text import fee_text
from procedures_kb.build.phrases import phrase
from procedures_kb.build.rules import fee_rules, pattern
from procedures_kb.build.text import capitalise, clean, shorten, strip_bullets, tidy
from procedures_kb.model import Fee, FeeStatus

_SCALE = {"triệu": 1_000_000, "nghìn": 1_000, "ngàn": 1_000, "tỷ": 1_000_000_000}
_MIN_VND = 100
_VND, _USD = "VND", "USD"
_MIN_HEAD = 1000
_MISPRINT = 500
_MAX_FEES = 14
_MAX_AMOUNT = 2_000_000_000
CURRENT_FROM = date(2026, 1, 1)  # an amount that ended before is history, not an answer


@dataclass(frozen=True)
class ReadFees:
    """The fees of one channel, what may be said of them, and whether the source contradicts itself."""

    fees: tuple[Fee, ...]
    status: FeeStatus
    conflict: bool


def read_fees(text: str | None, description: str | None, flagged: bool) -> ReadFees:
    """Read the fee's text of one method row; the description is searched where the text is glued into it."""
    raw = (fee_text(text, description) or "").strip()
    if not raw:
        return ReadFees((), FeeStatus.UNKNOWN, flagged)
    if fee_rules().free.match(clean(raw)):
        return _free(_note_of(raw), flagged)
    head, note = _split(raw)
    unit, note = _of_unit(note)
    fees = fees_in(note)
    if head is not None and head.currency == _VND:
        amount, fees = _unscaled(head.amount, fees)
        head = head.model_copy(update={"amount": amount}) if amount and amount >= _MIN_VND else None
    told = {fee.amount for fee in fees if head and (fee.amount != head.amount or not is_past(fee))}
    past = head and any(fee.amount == head.amount and is_past(fee) for fee in fees)
    if head is not None and head.amount not in told and not past:
        fees = [head.model_copy(update={"unit": unit, "note": None if fees else _short_note(note)}), *fees]
    return _with(fees, note, flagged)


def _of_unit(note: str) -> tuple[str | None, str]:
    """Split off the unit that a note begins with ("/trang) Tại Ủy ban nhân dân cấp xã: …")."""
    match = pattern("fees.unit_bracket").match(note)
    return (match[1].strip(), note[match.end() :]) if match else (None, note)


def _unscaled(head: int | None, fees: list[Fee]) -> tuple[int | None, list[Fee]]:
    """Put right what was printed with three zeros too few or too many ("135" beside "135.000 đồng").

    A head below the smallest coin in use is no amount; a single amount of the note that is 500 times the
    head or more is misprinted and left out.
    """
    if head is None:
        return None, fees
    amounts = {fee.amount for fee in fees if fee.amount}
    told = head * 1000 if head < _MIN_HEAD else head
    if told != head and told * 1000 in amounts:
        return None, [f.model_copy(update={"amount": told}) if f.amount == told * 1000 else f for f in fees]
    if told != head:  # the note names the amount, or nobody does
        return None, fees
    if len(amounts) == 1 and max(amounts) >= _MISPRINT * head:
        return head, []
    return head, fees


def _with(fees: list[Fee], note: str, flagged: bool) -> ReadFees:
    rules = fee_rules()
    if not fees:
        if rules.by_province.search(note):
            return ReadFees((Fee(note=rules.note_by_province),), FeeStatus.VARIES, flagged)
        said = _short_note(note)
        return ReadFees(
            (Fee(note=said),) if said else (), FeeStatus.VARIES if said else FeeStatus.UNKNOWN, flagged
        )
    amounts = {fee.amount for fee in fees if fee.amount is not None}
    several = len(amounts) > 1 or bool(rules.by_province.search(note))
    if pattern("fees.spares_some").search(note):
        fees = [*fees[: _MAX_FEES - 1], Fee(note=rules.note_some_exempt)]
    return ReadFees(tuple(fees[:_MAX_FEES]), FeeStatus.VARIES if several else FeeStatus.PAID, flagged)


def _free(note: str, flagged: bool) -> ReadFees:
    """ "Miễn phí" is printed for every zero; only an unopposed one is believed."""
    rules = fee_rules()
    fees = fees_in(note)
    if any(fee.amount for fee in fees):
        return ReadFees(tuple(fees[:_MAX_FEES]), FeeStatus.CONFLICTING, True)
    if rules.by_province.search(note):
        return ReadFees((Fee(note=rules.note_by_province),), FeeStatus.VARIES, True)
    if pattern("fees.unsettled").fullmatch(note):  # a zero printed because nobody has set the amount
        return ReadFees((), FeeStatus.UNKNOWN, flagged)
    if flagged and rules.truly_free.search(note):
        exempt = Fee(amount=0, note=rules.note_exempt)
        said = _short_note(note)
        return ReadFees((exempt, Fee(note=said)) if said else (exempt,), FeeStatus.VARIES, True)
    if spared := pattern("fees.free_for").match(note):
        return ReadFees((_spared(spared[1]),), FeeStatus.VARIES, flagged)
    if pattern("fees.fee_named").fullmatch(note):
        return ReadFees((Fee(note=_short_note(note)),), FeeStatus.CONFLICTING, True)
    if not flagged and (rules.nothing.match(note) or rules.truly_free.search(note)):
        return ReadFees((), FeeStatus.FREE, False)
    if rules.by_law.search(note):
        return ReadFees((Fee(note=_short_note(note) or rules.note_by_law),), FeeStatus.CONFLICTING, True)
    if flagged:
        return ReadFees((), FeeStatus.CONFLICTING, True)
    return ReadFees((), FeeStatus.FREE, False)


def _spared(whom: str) -> Fee:
    """Return the exemption of those whom a note names; where it is too long for a phrase, of some."""
    case = None if pattern("fees.list_head").match(whom) else _case(clean(whom))
    return Fee(amount=0, case=case, note=None if case else fee_rules().note_some_spared)


def _note_of(raw: str) -> str:
    inner = (
        re.sub(r"^[^(]*\(", "", raw, count=1)
        if "(" in raw
        else re.sub(r"^\s*miễn phí", "", raw, flags=re.IGNORECASE)
    )
    return clean_note(inner)


def clean_note(note: str) -> str:
    """Return a note on one line per thought, without the bracket that closes it."""
    lines = [clean(line) for line in note.splitlines()]
    text = "\n".join(line for line in lines if line)
    return text[:-1] if text.endswith(")") and text.count(")") > text.count("(") else text


def _split(raw: str) -> tuple[Fee | None, str]:
    match = pattern("fees.head").match(raw)
    if not match:
        return None, clean_note(
            re.sub(r"^\s*(?:Không có thông tin\s*\(|(?:VNĐ|Việt Nam Đồng|Đồng)\s*\()", "", raw)
        )
    rest = raw[match.end() :].strip()
    currency = _USD if re.search(r"usd|đô la", match.group(), re.IGNORECASE) else _VND
    return Fee(amount=_number(match[1]), currency=currency), clean_note(rest.removeprefix("("))


def _number(text: str) -> int:
    return int(re.sub(r"[.,]", "", text))


def fees_in(note: str) -> list[Fee]:
    """Return every amount told in `note`, with its case, unit and dates."""
    fees: dict[tuple[int | None, str | None, date | None, date | None], Fee] = {}
    context: Fee | None = None
    shares: list[tuple[int, Fee]] = []
    note = pattern("fees.free_period").sub("", pattern("fees.spelled").sub("", note))
    note = pattern("fees.bare_amount").sub(lambda m: f"{m[1]} đồng", note)
    labels = {match[1].lower() for match in pattern("fees.label").finditer(note)}
    for raw in pattern("fees.piece").split(note):
        piece = strip_bullets(raw)
        context = _dates(_outside(piece)) or context
        for fee in _labelled(_in_piece(piece, context), piece if len(labels) > 1 else ""):
            fees.setdefault((fee.amount, fee.case, fee.valid_from, fee.valid_to), fee)
        share = pattern("fees.half").search(piece)
        until = _dates(piece)
        if share and until:
            shares.append((int(share[1]) if share[1] else 100 - int(share[2]), until))
    return [*_reduced(list(fees.values()), shares), *fees.values()]


def _labelled(fees: list[Fee], piece: str) -> list[Fee]:
    """Tell a fee ("phí") from a charge ("lệ phí") where a note names both and gives no case."""
    label = pattern("fees.label").match(piece)
    if label is None:
        return fees
    return [fee if fee.case else fee.model_copy(update={"case": capitalise(label[1])}) for fee in fees]


def _outside(piece: str) -> str:
    """Return `piece` without the brackets that hold an amount of their own, whose dates are theirs alone."""
    return pattern("fees.inner").sub(
        lambda m: "" if pattern("fees.amount").search(m.group()) else m.group(), piece
    )


def _dated(piece: str, at: int, context: Fee | None) -> Fee | None:
    """Return the dates that hold for the amount at `at`: its own bracket's, else those around."""
    inner = [m for m in pattern("fees.inner").finditer(piece) if m.start() <= at < m.end()]
    return (_dates(inner[0].group()) if inner else None) or context


def _reduced(fees: list[Fee], shares: list[tuple[int, Fee]]) -> list[Fee]:
    """Return the amounts that hold while a share ("50 % until 31/12") of the stated ones is taken."""
    return [
        fee.model_copy(
            update={
                "amount": round(fee.amount * share / 100),
                "valid_from": until.valid_from,
                "valid_to": until.valid_to,
            }
        )
        for share, until in shares
        for fee in fees
        if fee.amount and fee.valid_to is None and not is_past(until)
    ]


def is_past(fee: Fee) -> bool:
    """Return whether the fee ended before the catalogue's year."""
    return fee.valid_to is not None and fee.valid_to < CURRENT_FROM


def _in_piece(piece: str, context: Fee | None) -> list[Fee]:
    found: list[Fee] = []
    matches = list(pattern("fees.amount").finditer(piece))
    start = 0
    for at, match in enumerate(matches):
        end = matches[at + 1].start() if at + 1 < len(matches) else len(piece)
        amount = _number(match[1]) * _SCALE.get((match[2] or "").strip().lower(), 1)
        foreign = match[3].lower() in {"usd", "đô la mỹ", "đô la"}
        if amount > _MAX_AMOUNT or (not foreign and amount < _MIN_VND):
            start = match.end()
            continue
        unit = pattern("fees.unit").match(piece[match.end() : end])
        rest = match.end() + (unit.end() if unit else 0)
        case = _case(piece[start : match.start()])
        behind = None if case else pattern("fees.case_behind").match(piece, rest, end)
        if behind:
            case, rest = _case(behind[1]), behind.end()
        dates = _dated(piece, match.start(), context)
        found.append(
            Fee(
                case=case or (_case(piece[rest:end]) if at + 1 == len(matches) else None),
                amount=amount,
                currency=_USD if foreign else _VND,
                unit=_unit(unit),
                valid_from=dates.valid_from if dates else None,
                valid_to=dates.valid_to if dates else None,
            )
        )
        start = rest
    return found


def _unit(match: re.Match[str] | None) -> str | None:
    if not match:
        return None
    unit = pattern("fees.unit_tail").sub("", match[1] or match[2] or "").strip(" .,;")
    short = shorten(unit, 40, 6)
    return short if len(short) >= 2 else unit if 2 <= len(unit) <= 40 else None


def _case(text: str) -> str | None:
    text = pattern("fees.law_bracket").sub("", text)
    text = re.sub(r"^(?:/[^\s,;]+|\s|[,;.:)])+", "", text)
    for _ in range(2):
        text = pattern("fees.drop").sub("", text.strip(" ,:-")).strip(" ,:-")
    for _ in range(2):
        text = pattern("fees.case_head").sub("", strip_bullets(text)).strip(" ,:-")
    case = capitalise(pattern("fees.law_tail").sub("", phrase(tidy(text), limit=110) or ""))
    if any(pattern(f"fees.{name}").search(case) for name in ("no_case", "case_noise", "channel_case")):
        return None
    return case if len(case) >= 4 and len(re.findall(r"[^\W\d_]", case)) >= 4 else None


def _dates(piece: str) -> Fee | None:
    until, since = pattern("fees.until").search(piece), pattern("fees.from").search(piece)
    valid_to, valid_from = _day(until), _day(since)
    return Fee(valid_to=valid_to, valid_from=valid_from) if valid_to or valid_from else None


def _day(match: re.Match[str] | None) -> date | None:
    if not match:
        return None
    try:
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None


def _short_note(note: str) -> str | None:
    rules = fee_rules()
    if rules.by_province.search(note):
        return rules.note_by_province
    law = rules.law_number.search(note)
    if law is None and rules.fee_law.search(note):
        return rules.note_by_law
    if law:
        kind = rules.kinds[law.group().split("/")[2][:2]]
        return rules.note_under.format(kind=kind, number=law.group().rstrip("-"))
    if not note or rules.nothing.match(note):
        return None
    said = phrase(tidy(strip_bullets(note.splitlines()[0]).strip("() ")), limit=110)
    if not said or len(said) < 6 or pattern("fees.note_noise").search(said):
        return None
    return capitalise(said)
