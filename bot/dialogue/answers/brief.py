"""The facts of a record in a few words, as overviews, walk-throughs and checks tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from bot.dialogue.answers import views
from bot.dialogue.answers.formatting import duration
from bot.replies.renderer import Replies, load_labels
from procedures_kb.model import Channel, FeeStatus, Flag, How, Level, Procedure, ProcessingTime
from vietnamese import fold

# What a unit is worth when limits are put in order, in days.
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "working_day": 1.4, "month": 30, "year": 365}


@dataclass(frozen=True, slots=True)
class Brief:
    """Says who handles a procedure, where, for how much and in how long, with the sentences of `replies`."""

    replies: Replies
    today: Callable[[], date] = date.today

    def who(self, procedure: Procedure) -> str | None:
        """Return the agency, or the level where none is named."""
        if procedure.agency and not procedure.has(Flag.AGENCY_ELSEWHERE):
            return procedure.agency
        return ", ".join(load_labels().levels[level.value] for level in procedure.levels) or None

    def counters(self, procedure: Procedure) -> str | None:
        """Return where dossiers are handed in; None where the record does not tell.

        The one-stop centre by level; police, tax, customs and the like have counters of their own.
        """
        agency = None if procedure.has(Flag.AGENCY_ELSEWHERE) else procedure.agency
        if agency is not None and has_own_counter(agency):
            return agency
        if procedure.agency is None and has_own_counter(procedure.ministry):
            return None
        commune, province = Level.COMMUNE in procedure.levels, Level.PROVINCE in procedure.levels
        if commune and province:
            return self.replies.render("counter_both")
        if commune:
            return self.replies.render("counter_commune")
        return self.replies.render("counter_province") if province else None

    def fees(self, procedure: Procedure, how: How | None = None) -> tuple[views.FeeBlock, ...]:
        """Return the fees of all channels, or of one; what the source contradicts is never called free."""
        blocks = views.fees(self.replies, _channels(procedure, how), self.today())
        if not procedure.has(Flag.FEE_CONFLICT):
            return blocks
        conflicting, free = FeeStatus.CONFLICTING.value, FeeStatus.FREE.value
        return tuple(
            replace(block, status=conflicting) if block.status == free else block for block in blocks
        )

    def fees_told(self, procedure: Procedure, how: How) -> tuple[views.FeeBlock, ...]:
        """Return the fees of one channel, without its name; one that says "not told" where there is none."""
        blocks = self.fees(procedure, how)
        unknown = views.FeeBlock("", FeeStatus.UNKNOWN.value, ())
        return tuple(replace(block, channels="") for block in blocks) or (unknown,)

    def time(self, procedure: Procedure, how: How | None = None) -> str | None:
        """Return the time limit; of several the shortest and the longest; None where the record has none."""
        told = [
            (_days(time), text)
            for channel in _channels(procedure, how)
            for time in channel.times
            if (text := duration(self.replies, time)) is not None
        ]
        texts = dict.fromkeys(text for _, text in told)
        if len(texts) <= 2:
            return " – ".join(texts) or None
        shortest, longest = min(told)[1], max(told)[1]
        return self.replies.render("time_brief_varies", shortest=shortest, longest=longest)

    def fee(self, procedure: Procedure, how: How | None = None, *, hint: bool = True) -> str | None:
        """Return the fee in a few words; None where the source says nothing.

        `hint`: where it depends on the case, also which button tells more.
        """
        blocks = self.fees(procedure, how)
        statuses = {block.status for block in blocks}
        if statuses == {FeeStatus.FREE.value}:
            return self.replies.render("fee_brief_free")
        current = [line for block in blocks for line in block.lines if not line.over]
        amounts = list(dict.fromkeys(line.amount for line in current if line.amount))
        if statuses == {FeeStatus.PAID.value} and 0 < len(amounts) <= 2:
            return " – ".join(amounts)
        if statuses <= {FeeStatus.UNKNOWN.value}:
            return None
        return self.replies.render("fee_brief_varies", hint=hint)


def _days(time: ProcessingTime) -> float:
    return (time.value or 0) * _DAYS.get(time.unit or "", 1)


def has_own_counter(agency: str) -> bool:
    """Return whether the agency takes dossiers itself, not through the one-stop centres."""
    name = f" {fold(agency)} "
    return any(f" {word} " in name for word in load_labels().own_counters)


def _channels(procedure: Procedure, how: How | None) -> tuple[Channel, ...]:
    """Return the channels of that kind; all where there is none of it."""
    own: Iterable[Channel] = (channel for channel in procedure.channels if channel.how is how)
    return tuple(own) or procedure.channels
