"""One record as a readable page for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from procedures_kb.model import Channel, Fee, Paper, Procedure, ProcessingTime


def show_procedure(procedure: Procedure) -> RenderableType:
    """Return the whole record as a rich renderable."""
    return Panel(
        Group(*_parts(procedure)), title=f"{procedure.code} {procedure.short_name}", title_align="left"
    )


def _parts(procedure: Procedure) -> Iterator[RenderableType]:
    yield Text(procedure.name, style="bold")
    yield _head(procedure)
    yield _rows(
        "channels", [(c.how.value, _times(c), c.fee_status.value, _fees(c)) for c in procedure.channels]
    )
    papers = [
        (case.case or "", paper.kind.value, f"{paper.originals}+{paper.copies}", _paper(paper))
        for case in procedure.documents
        for paper in case.items
    ]
    yield _rows("documents", papers)
    yield _rows("steps", [(step.actor, step.act) for step in procedure.steps])
    yield _rows("conditions", [(c.about, c.limit or "") for c in procedure.conditions])
    yield _rows("results", [(result.name,) for result in procedure.results])
    yield _rows("legal", [(legal.number, legal.title or "") for legal in procedure.legal_basis])


def _head(procedure: Procedure) -> Table:
    facts = {
        "field": f"{procedure.field} · {procedure.ministry}",
        "levels": ", ".join(procedure.levels),
        "agency": procedure.agency or "",
        "applies": procedure.applies.value,
        "online": f"{procedure.online_level.value}; {', '.join(procedure.entries)}",
        "source": f"{procedure.source.kind} {procedure.source.url} ({procedure.source.retrieved})",
        "flags": ", ".join(procedure.flags),
        "detail": procedure.detail.value,
        "family": procedure.family,
    }
    table = Table.grid(padding=(0, 2))
    for name, value in facts.items():
        table.add_row(Text(name, style="dim"), Text(value))
    return table


def _rows(title: str, rows: Sequence[tuple[str, ...]]) -> RenderableType:
    if not rows:
        return Text(f"{title}: -", style="dim")
    table = Table(title=title, title_justify="left", show_header=False, expand=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _times(channel: Channel) -> str:
    return "\n".join(_time(time) for time in channel.times) or "-"


def _time(time: ProcessingTime) -> str:
    value = "immediate" if time.value is None else f"{time.value:g} {time.unit}"
    return f"{value} ({time.case})" if time.case else value


def _fees(channel: Channel) -> str:
    return "\n".join(_fee(fee) for fee in channel.fees) or "-"


def _fee(fee: Fee) -> str:
    amount = "?" if fee.amount is None else f"{fee.amount:,} {fee.currency}"
    until = f"until {fee.valid_to}" if fee.valid_to else ""
    return " · ".join(part for part in (amount, fee.unit, fee.case, fee.note, until) if part)


def _paper(paper: Paper) -> str:
    parts = [paper.name, *(f"or {other}" for other in paper.alternatives)]
    if paper.form:
        parts.append(f"[{paper.form}]")
    if paper.when:
        parts.append(f"when: {paper.when}")
    return "\n".join(parts)
