"""Numbers, amounts and dates as Vietnamese citizens write them."""

from __future__ import annotations

from datetime import date

from bot.replies.renderer import Replies, load_labels
from procedures_kb.model import Fee, ProcessingTime


def amount(replies: Replies, fee: Fee) -> str | None:
    """Return the amount with its currency, thousands apart by points; None where there is none to name.

    An amount of nothing with a note is an exemption with its terms: the note says it.
    """
    if fee.amount is None or (fee.amount == 0 and fee.note):
        return None
    digits = f"{fee.amount:,}".replace(",", ".")
    return replies.render("amount", digits=digits, currency=fee.currency)


def day(value: date) -> str:
    """Return the date as day/month/year without leading zeros."""
    return f"{value.day}/{value.month}/{value.year}"


def validity(replies: Replies, fee: Fee, today: date) -> str | None:
    """Return from when and until when the fee holds, and whether it is over; None where nothing is said."""
    if fee.valid_from is None and fee.valid_to is None:
        return None
    first, last = (day(value) if value else None for value in (fee.valid_from, fee.valid_to))
    return replies.render("validity", first=first, last=last, over=is_over(fee, today))


def is_over(fee: Fee, today: date) -> bool:
    """Return whether the fee held until a day before `today`."""
    return fee.valid_to is not None and fee.valid_to < today


def duration(replies: Replies, time: ProcessingTime) -> str | None:
    """Return a number of units, or that it is done at once; None where the record holds no usable value."""
    if time.value is None or time.unit is None:
        return replies.render("duration", immediate=True) if time.immediate else None
    value = f"{time.value:g}".replace(".", ",")
    unit = load_labels().units[time.unit]
    text = replies.render("duration", immediate=False, value=value, unit=unit)
    return f"{replies.render('duration', immediate=True)}, {text}" if time.immediate else text


def quantity(originals: int, copies: int) -> str:
    """Return how many originals and copies; empty where neither is asked for."""
    names = load_labels().copies
    parts = [(originals, names["originals"]), (copies, names["copies"])]
    return ", ".join(f"{count} {name}" for count, name in parts if count)
