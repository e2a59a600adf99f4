"""What the dialogue knows beside search: records, cards, guides, life events, places. One immutable whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from procedures_kb import beyond, cards, centres, guides, life_events, pictures
from procedures_kb.beyond import Beyond
from procedures_kb.cards import Card
from procedures_kb.catalogue import Catalogue
from procedures_kb.centres import Centres
from procedures_kb.communes import Communes
from procedures_kb.guides import Guides
from procedures_kb.life_events import LifeEvents
from procedures_kb.pictures import Pictures


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A catalogue with the reviewed data beside it."""

    catalogue: Catalogue
    cards: Mapping[str, Card]
    guides: Guides
    events: LifeEvents
    beyond: Beyond
    centres: Centres
    communes: Communes
    pictures: Pictures

    @classmethod
    def load(cls, catalogue: Catalogue) -> Knowledge:
        """Read the data files. Raises the error of the one that is broken, naming the file and the reason."""
        return cls(
            catalogue,
            cards.load(),
            guides.load(),
            life_events.load(),
            beyond.load(),
            centres.load(),
            Communes.load(),
            pictures.load(),
        )

    def with_catalogue(self, catalogue: Catalogue) -> Knowledge:
        """Return the same reviewed data beside another catalogue: the files need not be read again."""
        return replace(self, catalogue=catalogue)
