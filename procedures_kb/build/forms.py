"""The form of a paper: "Mẫu số 03.ĐKV, Thông tư 02/2026/TT-BNNMT"."""

from __future__ import annotations

import re

from procedures_kb.build.rules import pattern
from procedures_kb.build.text import clean, tidy

_EXTENSION = re.compile(r"\.(?:docx?|pdf|xlsx?|rtf|zip|rar|jpe?g|png|html?|txt)", re.IGNORECASE)


def form_of(text: str) -> str | None:
    """Return the form that a row names, with the act that issued it where that stands beside."""
    text = clean(text)
    several = list(pattern("forms.for_whom").finditer(text))
    if len(several) > 1:
        told = "; ".join(f"{match[1]} {match[2].strip()}" for match in several[:3])
        return f"Mẫu {told}"[:150]
    numbered = pattern("forms.numbered").search(text)
    appendix = None if numbered else pattern("forms.appendix").search(text)
    match = numbered or appendix
    if not match:
        return None
    label = f"Mẫu số {match[1].strip('.')}" if numbered else f"Mẫu tại {match[1].replace('phụ', 'Phụ')}"
    act = pattern("forms.act").search(text, match.end())
    if act and act.start() - match.end() < 90:
        number = re.sub(r"(TT-(?:BNNMT|BNNPTNT|BTC|BCA|BTP|BXD)|N[ĐQ]-CP)[^\W\d_]+$", r"\1", act[2])
        if pattern("forms.whole_act").match(number):
            label += f", {act[1].capitalize()} {number}"
    return label[:150]


def form_of_file(files: str | None) -> str | None:
    """Return the first form's file name, as the portal offers it."""
    first = clean((files or "").split("\n")[0])
    match = _EXTENSION.search(first)
    if not match:
        return None
    name = tidy(first[: match.end()].split(");")[-1])
    if " ban hành" in name:
        name = tidy(name.partition(" ban hành")[0])
    return name if 4 < len(name) <= 110 else None
