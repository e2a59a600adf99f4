"""The whole text of a fee: the page runs it on into the channel's description, or leaves it only there."""

from __future__ import annotations

import re

from procedures_kb.build.rules import pattern

_FREE = "Miễn phí"


def fee_text(text: str | None, description: str | None) -> str | None:
    """Return the fee's text with what stands of it in the description; None where nothing is told of it."""
    told = (description or "").strip()
    if not told:
        return text
    if text and text.strip():
        return _continued(text.strip(), told)
    return _only_described(told)


def _continued(text: str, told: str) -> str:
    """Add the note that the page cut off its fee ("4,000,000 VNĐ" and "((Áp dụng 2.000.000 đồng…))")."""
    rest = _bracketed(told)
    if rest is None and pattern("fees.bare").fullmatch(text):
        rest = "\n".join(line for line in told.splitlines() if pattern("fees.fee_line").match(line))
    if not rest or not pattern("fees.amount").search(rest):
        return text
    return f"{text}({rest})"


def _bracketed(told: str) -> str | None:
    """Return what stands before the bracket that closes the fee's note; None where none is open."""
    text = told.lstrip(". ")
    own = text.startswith("(")
    depth = 0 if own else 1
    for match in re.finditer(r"[()]", text):
        depth += 1 if match.group() == "(" else -1
        if depth == 0:
            return text[1 if own else 0 : match.start()]
    return text[1 : text.rfind(")") + 1] if own and ")" in text else None


def _only_described(told: str) -> str | None:
    """Return the fee told at the head of a description, or by its lines that name a fee."""
    if told.startswith(_FREE):
        rest = told.removeprefix(_FREE).lstrip()
        note = _bracketed(rest) if rest.startswith("(") else None
        return f"{_FREE}({note})" if note and pattern("fees.amount").search(note) else _FREE
    if pattern("fees.currency_only").match(told):
        return told
    if head := pattern("fees.head").match(told):
        lines = told[head.end() :].splitlines() or [""]
        kept = [lines[0], *(line for line in lines[1:] if pattern("fees.amount").search(line))]
        return told[: head.end()] + "\n".join(kept)
    if pattern("fees.named").match(told) or (
        pattern("fees.amount").search(told) and re.search(r"phí", told, re.IGNORECASE)
    ):
        return told
    return None
