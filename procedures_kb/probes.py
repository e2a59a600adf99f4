"""Aspect probes: does a record carry the fact that a citizen asks for?"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from procedures_kb.aspect import Aspect
from procedures_kb.model import Channel, DocumentKind, FeeStatus, How, OnlineLevel, Procedure
from vietnamese import fold, normalise

PROBES = Path(__file__).parent / "data" / "probes" / "aspect_probes.yaml"
_UNITS = {
    "working_day": "ngày làm việc",
    "day": "ngày",
    "hour": "giờ",
    "minute": "phút",
    "month": "tháng",
    "year": "năm",
}
_LEVELS = {"commune": "cấp xã", "province": "cấp tỉnh", "ministry": "cấp bộ", "other": "cơ quan khác"}


class Probe(BaseModel):
    """One question with the facts that a right answer holds; "a|b" means either."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    aspect: Aspect
    question: str
    facts: tuple[str, ...]


def read_probes(path: Path = PROBES) -> tuple[Probe, ...]:
    """Return the committed probes. Raises pydantic's ValidationError for a malformed one."""
    with path.open(encoding="utf-8") as file:
        return tuple(Probe.model_validate(row) for row in yaml.safe_load(file)["probes"])


def missing(probe: Probe, procedure: Procedure) -> tuple[str, ...]:
    """Return the facts of `probe` that the asked part of `procedure` does not carry."""
    text = comparable(aspect_text(procedure, probe.aspect))
    return tuple(
        fact
        for fact in probe.facts
        if not any(_holds(text, comparable(option)) for option in fact.split("|"))
    )


def _holds(text: str, fact: str) -> bool:
    return bool(re.search(rf"(?<![\w]){re.escape(fact)}(?![\d])", text))


def comparable(text: str) -> str:
    """Return `text` folded, numbers without separators and leading zeros."""
    text = fold(normalise(text))
    text = re.sub(r"(?<=\d)[.,](?=\d{3}\b)", "", text)
    text = re.sub(r"\b0+(?=\d)", "", text)
    return re.sub(r"(?<=\d)\.0\b", "", text)


def aspect_text(procedure: Procedure, aspect: Aspect) -> str:
    """Return all that the record says of `aspect`, in words."""
    readers: dict[Aspect, Callable[[Procedure], str]] = {
        Aspect.DOCUMENTS: _documents,
        Aspect.FORM: _documents,
        Aspect.FEE: lambda p: "\n".join(_fees(c) for c in p.channels),
        Aspect.TIME: lambda p: "\n".join(_times(c) for c in p.channels),
        Aspect.PLACE: _place,
        Aspect.ONLINE: _online,
        Aspect.RESULT: lambda p: "\n".join(r.name for r in p.results),
        Aspect.CONDITIONS: lambda p: "\n".join(f"{c.about} {c.limit or ''}" for c in p.conditions),
        Aspect.LEGAL_BASIS: lambda p: "\n".join(f"{x.number} {x.title or ''}" for x in p.legal_basis),
        Aspect.STEPS: lambda p: "\n".join(f"{s.actor} {s.act} {s.document or ''}" for s in p.steps),
    }
    return readers[aspect](procedure)


def _documents(procedure: Procedure) -> str:
    lines = []
    for case in procedure.documents:
        for paper in case.items:
            shown = "xuất trình" if paper.kind is DocumentKind.SHOW else ""
            parts = [
                case.case or "",
                paper.name,
                *paper.alternatives,
                paper.form or "",
                paper.when or "",
                shown,
            ]
            lines.append(" ".join([*parts, str(paper.originals), str(paper.copies)]))
    return "\n".join(lines)


def _fees(channel: Channel) -> str:
    words = {FeeStatus.FREE: "miễn phí"}.get(channel.fee_status, "")
    told = [f"{f.case or ''} {f.amount} {f.currency} {f.unit or ''} {f.note or ''}" for f in channel.fees]
    return "\n".join([words, *told])


def _times(channel: Channel) -> str:
    return "\n".join(
        f"{t.case or ''} {'ngay' if t.immediate else ''} {t.value:g} {_UNITS[t.unit]}"
        if t.value is not None and t.unit
        else f"{t.case or ''} {'ngay' if t.immediate else ''}"
        for t in channel.times
    )


def _place(procedure: Procedure) -> str:
    acts = [f"{s.actor} {s.act}" for s in procedure.steps]
    return "\n".join([procedure.agency or "", *(_LEVELS[x.value] for x in procedure.levels), *acts])


def _online(procedure: Procedure) -> str:
    told = ["trực tuyến"] if any(c.how is How.ONLINE for c in procedure.channels) else []
    if procedure.online_level is OnlineLevel.NONE:
        told = ["không trực tuyến"]
    return "\n".join([*told, *(entry.value for entry in procedure.entries)])
