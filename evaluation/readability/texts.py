"""What is checked: pieces of text, each with its place, gathered into units that are read together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """One text: its place inside its unit ("steps.open_store.do") and the key under which it stands.

    `titles` are official titles that its words may come from; `name` says that it is itself a name.
    """

    place: str
    key: str
    text: str
    titles: tuple[str, ...] = ()
    name: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """What a person reads in one go, with its limit in syllables."""

    place: str
    text: str
    longest: int


@dataclass(frozen=True, slots=True)
class Unit:
    """Pieces that are read in this order, by the same person: a guide, a card, a reply.

    `place` names it ("guides/vneid_install"). A word explained in one piece is known in the next ones.
    Of the items of the list `apart` a person reads one only.
    """

    kind: str
    place: str
    pieces: tuple[Piece, ...]
    wholes: tuple[Whole, ...] = ()
    apart: str | None = None

    @property
    def readings(self) -> tuple[tuple[Piece, ...], ...]:
        """The pieces as one person meets them: all, or for each item of `apart` all but its fellows."""
        if self.apart is None:
            return (self.pieces,)
        begins = f"{self.apart}."
        items = {p.place.split(".")[1]: None for p in self.pieces if p.place.startswith(begins)}
        return tuple(
            tuple(p for p in self.pieces if not p.place.startswith(begins) or p.place.split(".")[1] == item)
            for item in items
        )
