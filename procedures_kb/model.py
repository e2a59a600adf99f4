"""The record of a procedure: facts only, immutable, checked when it is read.

Every text here is a fact (a name, a number, a title of a paper or a legal text) or a short phrase of ours
(at most 15 words); the portal's running sentences never enter (DESIGN, "Records").
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

CODE_PATTERN = r"[1-9]\.\d{6}"
INTERNAL_PREFIXES = ("5.", "6.")
MAX_SHORT_NAME = 60
MAX_TITLE = 160
MAX_PHRASE_WORDS = 15
MAX_WHEN_WORDS = 25  # a paper's condition: cut shorter it would mislead
PORTAL_PAGE = "https://dichvucong.gov.vn/thu-tuc-hanh-chinh/"

Code = Annotated[str, StringConstraints(pattern=rf"^{CODE_PATTERN}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=MAX_TITLE)]
Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=MAX_TITLE)]


TimeUnit = Annotated[str, StringConstraints(pattern="^(working_day|day|hour|minute|month|year)$")]
WordingId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
ShortName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=MAX_SHORT_NAME)]


class Record(BaseModel):
    """Base of all records: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Level(StrEnum):
    """Who handles the dossier. OTHER is an agency outside the three levels (courts, banks, schools)."""

    COMMUNE = "commune"
    PROVINCE = "province"
    MINISTRY = "ministry"
    OTHER = "other"


class OnlineLevel(StrEnum):
    """How far the procedure goes online. ONLINE: the source names an online channel, not how far it goes."""

    FULL = "full"
    PARTIAL = "partial"
    ONLINE = "online"
    NONE = "none"
    UNKNOWN = "unknown"


class Applies(StrEnum):
    """Whether a province's list carries the procedure. Absence from the list is UNKNOWN, never "no"."""

    YES = "yes"
    UNKNOWN = "unknown"


class Entry(StrEnum):
    """Where a dossier can enter."""

    PORTAL = "portal"
    VNEID = "vneid"
    MINISTRY = "ministry"
    COUNTER = "counter"
    POST = "post"


class How(StrEnum):
    """A channel of submission."""

    ONLINE = "online"
    COUNTER = "counter"
    POST = "post"


class FeeStatus(StrEnum):
    """What may be said of a channel's fee.

    FREE only where nothing in the source speaks against it; VARIES where the amount depends on the case or
    on the province; CONFLICTING where the source contradicts itself (trap 1); UNKNOWN where it says nothing.
    """

    FREE = "free"
    PAID = "paid"
    VARIES = "varies"
    CONFLICTING = "conflicting"
    UNKNOWN = "unknown"


class DocumentKind(StrEnum):
    """SUBMIT goes into the dossier, SHOW is only shown, NOTE is advice of the source and not a paper."""

    SUBMIT = "submit"
    SHOW = "show"
    NOTE = "note"


class Detail(StrEnum):
    """FULL: the record carries facts beyond the name."""

    FULL = "full"
    NAME_ONLY = "name_only"


class Flag(StrEnum):
    """Known trouble of a record, each with a defined behaviour (reference/portal.md, "Traps")."""

    FEE_CONFLICT = "fee_conflict"  # trap 1: never answer "free"
    WRONG_PAGE = "wrong_page"  # trap 2: the source held another procedure; facts dropped, name kept
    TIME_UNCLEAR = "time_unclear"  # trap 3: a value without a unit, or that cannot be a time
    LOCAL_VERSION = "local_version"  # trap 5: one province's own version, not served elsewhere
    DISTRICT_LEVEL = "district_level"  # trap 6: names the abolished district level
    LEVEL_TWIN = "level_twin"  # trap 7: another title differs only by the level
    LONG_NAME = "long_name"  # trap 8: needs its short name on buttons
    AGENCY_ELSEWHERE = "agency_elsewhere"  # trap 9: the agency named belongs to another province, or to none
    SOURCE_REPAIRED = "source_repaired"  # trap 10 and numbers split by a line break: repaired while reading


class ProcessingTime(Record):
    """One time limit. `value` counts `unit`s; an unclear one has no value and says so by its flag."""

    case: Phrase | None = None
    value: float | None = Field(default=None, ge=0, le=3650)
    unit: TimeUnit | None = None
    immediate: bool = False


class Fee(Record):
    """One fee. `amount` in `currency`; None where the source states none for this case."""

    case: Phrase | None = None
    amount: int | None = Field(default=None, ge=0)
    currency: str = "VND"
    unit: Phrase | None = None  # "một bản", "một trang": what one amount pays for
    valid_from: date | None = None
    valid_to: date | None = None
    note: Phrase | None = None


class Channel(Record):
    """A way to submit, with the times and fees that go with it."""

    how: How
    times: tuple[ProcessingTime, ...] = ()
    fees: tuple[Fee, ...] = ()
    fee_status: FeeStatus = FeeStatus.UNKNOWN


class Paper(Record):
    """One paper of the dossier, by its title."""

    name: Title
    originals: int = Field(default=0, ge=0, le=50)
    copies: int = Field(default=0, ge=0, le=50)
    form: Title | None = None
    alternatives: tuple[Title, ...] = ()
    kind: DocumentKind = DocumentKind.SUBMIT
    when: Phrase | None = None  # the condition under which it is needed ("nếu ủy quyền")


class DocumentCase(Record):
    """The papers of one case; `case` is None where they are needed always."""

    case: Phrase | None = None
    items: tuple[Paper, ...]


class Condition(Record):
    """A condition: what it is about, and its limit where the source gives one."""

    about: Phrase
    limit: Phrase | None = None


class Step(Record):
    """One step: who, does what, with which paper."""

    actor: Phrase
    act: Phrase
    document: Title | None = None


class Result(Record):
    """What the citizen holds in the end."""

    name: Title


class LegalText(Record):
    """A legal text by its number ("123/2015/NĐ-CP"), with its title where it is known."""

    number: Text
    title: Title | None = None


class Source(Record):
    """Where the facts come from.

    `retrieved` is when they were taken, the month's first day where only the month is known; `updated` when
    the portal last changed them, where it says so.
    """

    kind: Annotated[
        str, StringConstraints(pattern="^(portal_api|portal_page|portal_pdf|integration|transcribed|list)$")
    ]
    url: Text
    retrieved: date
    updated: date | None = None


class Procedure(Record):
    """A standardised administrative procedure of the national portal."""

    code: Code
    name: Text
    short_name: ShortName
    family: Text  # the same for one procedure at several levels: its folded name without the level words
    field: Text
    ministry: Text
    decision: Text | None = None
    levels: tuple[Level, ...] = ()
    applies: Applies = Applies.UNKNOWN
    audience: tuple[Text, ...] = ()
    online_level: OnlineLevel = OnlineLevel.UNKNOWN
    entries: tuple[Entry, ...] = ()
    channels: tuple[Channel, ...] = ()
    documents: tuple[DocumentCase, ...] = ()
    conditions: tuple[Condition, ...] = ()
    steps: tuple[Step, ...] = ()
    results: tuple[Result, ...] = ()
    legal_basis: tuple[LegalText, ...] = ()
    agency: Text | None = None
    source: Source
    flags: tuple[Flag, ...] = ()
    wording: WordingId | None = None  # the official wording in the operator's database, where there is one
    detail: Detail

    @field_validator("code")
    @classmethod
    def _not_internal(cls, code: str) -> str:
        if code.startswith(INTERNAL_PREFIXES):
            raise ValueError(f"{code} is internal to the administration, not for citizens")
        return code

    @field_validator("name")
    @classmethod
    def _one_line(cls, name: str) -> str:
        return re.sub(r"\s+", " ", name)

    def has(self, flag: Flag) -> bool:
        """Return whether the record carries `flag`."""
        return flag in self.flags
