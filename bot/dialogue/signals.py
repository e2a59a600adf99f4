"""Everything that is known of a message before anything is decided; the policy reads nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.dialogue.commands import Command
from bot.dialogue.state import Aspect
from bot.search.types import Ranking
from procedures_kb.beyond import BeyondMatch
from procedures_kb.communes import Found
from procedures_kb.guide_classes import Nearest
from procedures_kb.life_events import EventMatch


class Readability(StrEnum):
    """Whether the message can be read at all."""

    OK = "ok"
    EMPTY = "empty"
    LONG = "long"
    KIND = "kind"


class Reference(StrEnum):
    """A procedure meant by its place in the conversation."""

    FIRST = "first"
    PREVIOUS = "previous"


@dataclass(frozen=True, slots=True)
class Place:
    """A commune that was named, with the folded syllables that name it."""

    found: Found
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Signals:
    """What commands, keywords, NLU, guides and search say of one message.

    `said` is the intent that keywords see in the whole message, `intent` and `confidence` are NLU's word.
    `aspects` were named, `weak_aspects` perhaps. `residue` are the folded content syllables that are left
    when aspects, courtesy and question words are taken away; `within` tells that all of them stand in the
    name of the procedure in hand. `picked` are the codes of a tapped or typed choice, `named` those of a
    procedure code in the text, `level_codes` the members of the first family at the level that was named,
    `level_open` that it stands at several levels which differ in what is asked, and none was named. `case` is
    the case of the card in hand whose label was typed. `offered` are the codes of the last reply's choices.
    `guide` is the one whose phrases match, with `guide_score`; `guide_near` the likeliest one where NLU
    hears that one is asked for, or search finds nothing; `guide_resumed` tells that the message begins with
    "go on with".
    """

    readability: Readability = Readability.OK
    private: bool = False
    emergency: str | None = None
    command: Command | None = None
    picked: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    dossier: bool = False
    said: str | None = None
    intent: str | None = None
    confidence: float = 0.0
    aspects: tuple[Aspect, ...] = ()
    weak_aspects: tuple[Aspect, ...] = ()
    residue: tuple[str, ...] = ()
    within: bool = False
    reference: Reference | None = None
    correction: bool = False
    guide: str | None = None
    guide_score: float = 0.0
    guide_near: Nearest | None = None
    guide_resumed: bool = False
    level_codes: tuple[str, ...] = ()
    level_open: bool = False
    case: str | None = None
    event: EventMatch | None = None
    beyond: BeyondMatch | None = None
    province: str | None = None
    commune: Place | None = None
    ranking: Ranking | None = None

    def nlu(self, intent: str, at_least: float) -> bool:
        """Return whether NLU reads `intent` with that confidence."""
        return self.intent == intent and self.confidence >= at_least
