"""Legal texts by number: repaired, without repeats."""

from __future__ import annotations

import re

from procedures_kb.build.reading import RawNamed
from procedures_kb.build.rules import legal_rules, pattern
from procedures_kb.build.text import clean, is_upper, tidy, without_boilerplate
from procedures_kb.model import MAX_TITLE, LegalText

_NUMBER = re.compile(
    r"(\d{1,4}(?:\.\d{1,2}(?=/\d{4}/NQ))?)/((?:19|20)\d{2})/((?:[A-ZĐ]{2,9}\d{0,2})(?:-[A-ZĐ]{2,9})*)"
)
_ISSUERS = (
    "BNNPTNT",
    "BNNMT",
    "BTNMT",
    "BGTVT",
    "BKHĐT",
    "BLĐTBXH",
    "BVHTTDL",
    "BGDĐT",
    "BKHCN",
    "BTTTT",
    "BDTTG",
    "NHNN",
    "BCA",
    "BTC",
    "BTP",
    "BXD",
    "BQP",
    "BYT",
    "BNV",
    "BCT",
    "BNG",
    "TTCP",
    "VPCP",
    "TANDTC",
    "VKSNDTC",
)
_MAX_LAW = 250
_SHORT_TITLE = 120


def legal_texts(rows: list[RawNamed]) -> tuple[LegalText, ...]:
    """Return the legal texts of `rows` in their order, each once, broken numbers repaired or dropped."""
    titles: dict[str, str | None] = {}
    for row in rows:
        number = _number(f"{row.code or ''}") or _number(row.name or "")
        if number is None:
            continue
        titles[number] = titles.get(number) or _title(row.name, number)
    good = [number for number in titles if not _broken(number, titles)]
    good.sort(key=lambda number: _rank(number, titles[number]))
    known = legal_rules().titles
    return tuple(LegalText(number=number, title=known.get(number) or titles[number]) for number in good)


def _rank(number: str, title: str | None) -> int:
    """Return 0 for a law, 1 for the Assembly's resolutions, 2 for a decree, 3 for other government acts."""
    kind = number.rsplit("/", 1)[-1]
    if kind.startswith(("QH", "UBTVQH")):
        return 1 if (title or "").startswith("Nghị quyết") else 0
    if kind.startswith(("NĐ-CP", "NĐ")):
        return 2
    return 3 if kind.startswith(("NQ", "QĐ-TTg", "QĐ-CP")) else 4


def _number(text: str) -> str | None:
    text = re.sub(r"\s*([/-])\s*", r"\1", clean(text))
    match = _NUMBER.search(text)
    if not match:
        return None
    serial, year, kind = match.groups()
    kind = _kind(kind)
    number = f"{_serial(serial, year, kind)}/{year}/{kind}"
    return legal_rules().repairs.get(number, number)


def _kind(kind: str) -> str:
    """Drop the first letters of the next word, glued to the issuer ("NĐ-CPQUY"), and complete a cut one."""
    if kind.startswith("NĐ-C"):
        return "NĐ-CP"
    if kind.startswith("NQ-CP"):
        return "NQ-CP"
    if kind.startswith("QĐ-TT"):
        return "QĐ-TTg"
    for issuer in _ISSUERS:
        if kind.startswith(f"TT-{issuer}"):
            return f"TT-{issuer}"
    return kind


def _serial(serial: str, year: str, kind: str) -> str:
    """A law's serial has at most three digits; four are a clause run into it ("2443/2024/QH15")."""
    if kind.startswith("QH") and serial.isdigit() and int(serial) > _MAX_LAW:
        return serial[-2:]
    if kind.startswith("UBTVQH") and len(serial) == 4 and serial.startswith(year[2:]):
        return serial[-2:]
    return serial


def _broken(number: str, others: dict[str, str | None]) -> bool:
    """A number is broken where a fuller twin is there: cut at its end, or a serial with glued digits."""
    serial, year, kind = number.split("/")
    if kind in {"QH", "NĐ", "TT", "NQ", "QĐ", "NQ-QH"}:
        return True
    for other in others:
        if other == number:
            continue
        its_serial, its_year, its_kind = other.split("/")
        if year != its_year:
            continue
        if serial == its_serial and (its_kind.startswith(kind) or _overrun(kind, its_kind)):
            return True
        if (
            kind == its_kind
            and len(serial) > len(its_serial)
            and serial.endswith(its_serial)
            and serial.isdigit()
            and int(serial) > 400
        ):
            return True
    return False


def _overrun(kind: str, full: str) -> bool:
    known = kind.removeprefix("TT-") in _ISSUERS
    return not known and kind.startswith(full) and len(kind) - len(full) == 1


def _title(name: str | None, number: str) -> str | None:
    text = clean(name or "")
    if not text or pattern("legal.named").match(text):
        return None
    text = pattern("legal.issued").sub("", text).replace(number, "")
    text = pattern("legal.of").sub("", pattern("legal.head").sub("", text))
    text = tidy(without_boilerplate(text).lstrip(" ,.:;-"))
    text = text[:1].upper() + text[1:]
    if is_upper(text):
        text = text.capitalize()
    return text if 6 <= len(text) <= min(_SHORT_TITLE, MAX_TITLE) else None
