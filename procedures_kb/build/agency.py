"""Agencies, levels, audience and ministries in one spelling."""

from __future__ import annotations

import re

from procedures_kb.build.rules import agency_rules
from procedures_kb.build.text import balance, clean
from procedures_kb.model import Level

_MAX_LOWER = 80
_LEVELS = {
    "cấp xã": Level.COMMUNE,
    "cấp tỉnh": Level.PROVINCE,
    "cấp bộ": Level.MINISTRY,
    "cơ quan khác": Level.OTHER,
}
_ORDER = tuple(_LEVELS.values())
_LIST_LEVELS = {"X": Level.COMMUNE, "T": Level.PROVINCE}
_WARD = re.compile(r"(?:,\s*|\s+)xã,\s*phường,\s*thị trấn\.?", re.IGNORECASE)


def levels_of(names: list[str]) -> tuple[Level, ...]:
    """Return the levels that `names` ("Cấp xã") mean, most local first."""
    found = {_LEVELS.get(clean(name).lower(), Level.OTHER) for name in names}
    return tuple(level for level in _ORDER if level in found)


def list_levels(letters: str) -> tuple[Level, ...]:
    """Return the levels of the province list's letters (X commune, T province)."""
    return tuple(
        level for level in _ORDER if level in {_LIST_LEVELS[x] for x in letters if x in _LIST_LEVELS}
    )


def agency_of(*candidates: str | None) -> str | None:
    """Return the first agency that says something, cleaned; None where there is none."""
    for candidate in candidates:
        text = clean(candidate or "").strip(" .;,")
        sentence = text[:1].islower() and len(text) > _MAX_LOWER  # a page's running text in the wrong column
        if text and not sentence and not agency_rules().none.match(text):
            return _spelled(text)
    return None


def _spelled(text: str) -> str:
    text = _WARD.sub(" cấp xã", text)
    text = re.sub(r"nhân dân", "nhân dân", text, flags=re.IGNORECASE)
    text = re.sub(r"^ủy ban|(?<=[,;] )ủy ban|(?<=Chủ tịch )ủy ban", "Ủy ban", text)
    text = re.sub(r"[Cc]ấp (Xã|Tỉnh|Bộ)\b", lambda m: f"cấp {m[1].lower()}", text)
    text = text.replace("NN và MT", "Nông nghiệp và Môi trường").replace("Bộ tài chính", "Bộ Tài chính")
    return balance(text)


def is_elsewhere(agency: str | None) -> bool:
    """Return whether `agency` belongs to another province."""
    return bool(agency and agency_rules().elsewhere.search(agency))


def says_none(agency: str | None) -> bool:
    """Return whether the portal prints that there is no agency ("Không có thông tin")."""
    text = clean(agency or "")
    return bool(text) and bool(agency_rules().none.match(text))


def names_district(*texts: str | None) -> bool:
    """Return whether one of `texts` names the abolished district level."""
    return any(text and agency_rules().district.search(clean(text)) for text in texts)


def ministry_of(name: str | None, fallback: str | None = None) -> str:
    """Return the ministry in today's spelling; the local authority where the source names none."""
    text = clean(name or fallback or "")
    rules = agency_rules()
    return rules.ministries.get(text.lower(), text) or rules.local_ministry


def audience_of(rows: list[str]) -> tuple[str, ...]:
    """Return who may ask, each once; a value that was split at its own commas is joined again."""
    text = clean(", ".join(rows))
    whole = re.findall(r"[^,(]+(?:\([^)]*\))?", text)
    joined = ", ".join(part.strip() for part in whole)
    joined = re.sub(r"[Cc]án bộ, công chức, viên chức", "Cán bộ công chức viên chức", joined)
    parts = re.split(r",\s*(?![^()]*\))", joined)
    fixed = [
        part.strip().replace("Cán bộ công chức viên chức", "Cán bộ, công chức, viên chức") for part in parts
    ]
    return tuple(dict.fromkeys(part for part in fixed if part))
