"""What the templates of an answer are given: plain values, grouped as they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.dialogue.answers.formatting import amount, duration, is_over, quantity, validity
from bot.replies.renderer import Replies, load_labels
from procedures_kb.model import Channel, DocumentCase, DocumentKind, Fee, FeeStatus, Paper, Procedure

MOST_IN_OVERVIEW = 6  # papers; more are a list of their own
MOST_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class PaperView:
    """One paper as a line."""

    name: str
    quantity: str
    form: str | None
    when: str | None
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PaperBlock:
    """The papers of one case, apart by what is done with them."""

    case: str | None
    submit: tuple[PaperView, ...]
    show: tuple[PaperView, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One fee as a line."""

    case: str | None
    amount: str | None
    unit: str | None
    validity: str | None
    note: str | None
    over: bool = False


@dataclass(frozen=True, slots=True)
class FeeBlock:
    """The fees of the channels named (empty: of all)."""

    channels: str
    status: str
    lines: tuple[FeeLine, ...]


@dataclass(frozen=True, slots=True)
class TimeLine:
    """One time limit as a line."""

    case: str | None
    duration: str


@dataclass(frozen=True, slots=True)
class TimeBlock:
    """The time limits of the channels named (empty: of all)."""

    channels: str
    lines: tuple[TimeLine, ...]


def papers(cases: Sequence[DocumentCase]) -> tuple[PaperBlock, ...]:
    """Group the papers of each case into those to submit, to show, and notes."""
    return tuple(
        PaperBlock(
            case.case,
            tuple(_paper(p) for p in case.items if p.kind is DocumentKind.SUBMIT),
            tuple(_paper(p) for p in case.items if p.kind is DocumentKind.SHOW),
            tuple(p.name for p in case.items if p.kind is DocumentKind.NOTE),
        )
        for case in cases
    )


def _paper(paper: Paper) -> PaperView:
    form = paper.form if paper.form and paper.form not in paper.name else None
    return PaperView(
        paper.name, quantity(paper.originals, paper.copies), form, paper.when, paper.alternatives
    )


def count_papers(procedure: Procedure) -> int:
    """Return how many papers are submitted where all cases are taken together."""
    return sum(len(block.submit) for block in papers(procedure.documents))


def few_papers(procedure: Procedure) -> tuple[str, ...]:
    """Return the names of all papers where they are few and the same for everybody; () where they are not."""
    blocks = papers(procedure.documents)
    names = tuple(paper.name for block in blocks for paper in block.submit)
    short = len(names) <= MOST_IN_OVERVIEW and sum(map(len, names)) <= MOST_CHARACTERS
    return names if len(blocks) == 1 and short else ()


def fees(replies: Replies, channels: Sequence[Channel], today: date) -> tuple[FeeBlock, ...]:
    """Group channels that cost the same; one group that spans all of them carries no channel names.

    An amount that is over by `today` is kept, with that word: often the source states no other.
    """
    groups: dict[tuple[str, tuple[FeeLine, ...]], list[Channel]] = {}
    for channel in channels:
        lines = tuple(
            dict.fromkeys(
                line for fee in channel.fees if (line := _fee(replies, fee, today)).amount or line.note
            )
        )
        if channel.fee_status is FeeStatus.FREE:
            lines = tuple(line for line in lines if line.note or line.case)
        groups.setdefault((channel.fee_status.value, lines), []).append(channel)
    return tuple(
        FeeBlock(_names(members, len(channels)), status, lines) for (status, lines), members in groups.items()
    )


def _fee(replies: Replies, fee: Fee, today: date) -> FeeLine:
    return FeeLine(
        case=fee.case,
        amount=amount(replies, fee),
        unit=fee.unit,
        validity=validity(replies, fee, today),
        note=fee.note,
        over=is_over(fee, today),
    )


def times(replies: Replies, channels: Sequence[Channel]) -> tuple[TimeBlock, ...]:
    """Group channels that take equally long; limits that the source left unclear are not shown."""
    groups: dict[tuple[TimeLine, ...], list[Channel]] = {}
    for channel in channels:
        lines = tuple(
            dict.fromkeys(
                TimeLine(time.case, text)
                for time in channel.times
                if (text := duration(replies, time)) is not None
            )
        )
        if lines:
            groups.setdefault(lines, []).append(channel)
    return tuple(TimeBlock(_names(members, len(channels)), lines) for lines, members in groups.items())


def _names(members: Sequence[Channel], total: int) -> str:
    if len(members) == total:
        return ""
    labels = load_labels().channels
    return ", ".join(dict.fromkeys(labels[member.how.value] for member in members))
