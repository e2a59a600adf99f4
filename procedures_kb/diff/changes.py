"""One change of one procedure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from procedures_kb.model import How


class ChangeKind(StrEnum):
    """What a change is about; their order of importance stands in `data/rules/changes.yaml`."""

    ABOLISHED = "abolished"
    NEW = "new"
    FEE = "fee"
    PAPER_ADDED = "paper_added"
    PAPER_REMOVED = "paper_removed"
    PAPER_CHANGED = "paper_changed"  # its copies, when it is needed, whether it is only shown
    TIME = "time"
    FORM = "form"
    ONLINE = "online"
    CHANNEL = "channel"
    LEVEL = "level"
    AGENCY = "agency"
    NAME = "name"
    DETAIL = "detail"  # the record tells more or less than before; nothing need have changed in the world
    LEGAL_BASIS = "legal_basis"


class Say(StrEnum):
    """A sentence of `data/rules/changes.yaml`."""

    ABOLISHED = "abolished"
    NEW = "new"
    NAME = "name"
    FEE_LESS = "fee_less"
    FEE_MORE = "fee_more"
    FEE_OTHER = "fee_other"
    FEE_ADDED = "fee_added"
    FEE_REMOVED = "fee_removed"
    FEE_NOW_KNOWN = "fee_now_known"
    FEE_NOW_FREE = "fee_now_free"
    FEE_NOW_UNCLEAR = "fee_now_unclear"
    TIME_LESS = "time_less"
    TIME_MORE = "time_more"
    TIME_OTHER = "time_other"
    TIME_ADDED = "time_added"
    TIME_REMOVED = "time_removed"
    PAPER_ADDED = "paper_added"
    PAPER_REMOVED = "paper_removed"
    PAPER_CHANGED = "paper_changed"
    FORM_CHANGED = "form_changed"
    FORM_ADDED = "form_added"
    FORM_REMOVED = "form_removed"
    ONLINE_GAINED = "online_gained"
    ONLINE_GAINED_HOW = "online_gained_how"
    ONLINE_KNOWN = "online_known"
    ONLINE_LOST = "online_lost"
    ONLINE_UNCLEAR = "online_unclear"
    ONLINE_OTHER = "online_other"
    CHANNEL_ADDED = "channel_added"
    CHANNEL_REMOVED = "channel_removed"
    LEVEL = "level"
    AGENCY = "agency"
    LEGAL_CHANGED = "legal_changed"
    LEGAL_ADDED = "legal_added"
    LEGAL_REMOVED = "legal_removed"
    DETAIL_KNOWN = "detail_known"
    DETAIL_LOST = "detail_lost"
    PAPERS_KNOWN = "papers_known"
    PAPERS_LOST = "papers_lost"
    CHANNELS_KNOWN = "channels_known"
    CHANNELS_LOST = "channels_lost"


@dataclass(frozen=True, slots=True)
class Change:
    """A change: the facts before and after, as citizens read them, and the sentence that says both.

    `where` names the channels that it holds for (none: all, or not about channels); `about` the paper or the
    case. An empty `before` or `after` means that there was or is nothing.
    """

    kind: ChangeKind
    code: str
    name: str
    sentence: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    where: tuple[How, ...] = ()
    about: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedProcedure:
    """All changes of one procedure, the most important first; `name` is its short one."""

    code: str
    name: str
    changes: tuple[Change, ...]
