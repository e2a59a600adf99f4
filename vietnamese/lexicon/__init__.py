"""What people write instead of the words of the field, as data; the head of a file explains its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from vietnamese.folding import fold
from vietnamese.lexicon.tables import BrokenTable, rows
from vietnamese.normalising import normalise

__all__ = [
    "BrokenTable",
    "Neighbours",
    "Rewrite",
    "also_terms",
    "kept",
    "ordinals",
    "rewrites",
    "short_forms",
]

START, END, NUMBER = "^", "$", "#"
_SHORT = ("short", "full", "note")
_CHOICE = ("said", "full", "before", "after", "not_before", "not_after", "note")
_PLAIN = ("said", "full", "plain", "note")
_KEPT = ("word", "kind", "note")
_KEPT_KINDS = frozenset({"never", "evidence", "ordinal"})


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Which syllable may stand before and after: "^" and "$" are the ends of a clause, "#" is a number.

    An empty set of wanted neighbours allows any; the unwanted ones forbid. Each is there folded as well.
    """

    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    not_before: frozenset[str] = frozenset()
    not_after: frozenset[str] = frozenset()

    def allow(self, before: str, after: str) -> bool:
        """Return whether a form may be read so between these two."""
        return (
            (not self.before or before in self.before)
            and (not self.after or after in self.after)
            and before not in self.not_before
            and after not in self.not_after
        )


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One line of the lexicon: `said` (lower-case words) stands for `full` between the right neighbours."""

    rule: str
    said: tuple[str, ...]
    full: str
    neighbours: Neighbours | None = None


@lru_cache(maxsize=1)
def short_forms() -> Mapping[str, str]:
    """Return the short forms (lower case) that stand for the same everywhere, and what each stands for.

    Raises BrokenTable, naming the line, for a row that is incomplete or given twice.
    """
    table = {" ".join(r.said): r.full for r in _read("short_forms.tsv", _SHORT, "short form")}
    return MappingProxyType(table)


@lru_cache(maxsize=1)
def rewrites() -> Mapping[str, tuple[Rewrite, ...]]:
    """Return what is written out or put right, by its first word; the longest first, then as in the files.

    Raises BrokenTable for a row that is incomplete, or given twice without telling neighbours apart.
    """
    found: dict[str, list[Rewrite]] = {}
    for rewrite in _all():
        found.setdefault(rewrite.said[0], []).append(rewrite)
    return MappingProxyType({k: tuple(sorted(v, key=lambda r: -len(r.said))) for k, v in found.items()})


@lru_cache(maxsize=1)
def also_terms() -> Mapping[str, tuple[Rewrite, ...]]:
    """Return the former and spoken names of papers and offices, by first word; `full` is today's term."""
    found: dict[str, list[Rewrite]] = {}
    for rewrite in _read("old_terms.tsv", _PLAIN, "old term"):
        found.setdefault(rewrite.said[0], []).append(rewrite)
    return MappingProxyType({k: tuple(sorted(v, key=lambda r: -len(r.said))) for k, v in found.items()})


@lru_cache(maxsize=1)
def kept() -> Mapping[str, str]:
    """Return the words that look like slips of the keyboard, and their kind.

    "never": foreign words and names; "evidence" and "ordinal": read as slips only beside another slip.
    """
    table: dict[str, str] = {}
    for number, (word, kind, _) in rows("kept.tsv", _KEPT):
        if not word or kind not in _KEPT_KINDS or word in table:
            raise BrokenTable("kept.tsv", number, f"incomplete, repeated or of unknown kind: {word!r}")
        table[word] = kind
    return MappingProxyType(table)


@lru_cache(maxsize=1)
def ordinals() -> frozenset[str]:
    """Return the folded nouns that a number follows, often without a space ("quan1", "to5")."""
    return frozenset(word for word, kind in kept().items() if kind == "ordinal")


def _all() -> Iterator[Rewrite]:
    yield from _read("short_forms.tsv", _SHORT, "short form")
    yield from _read("ambiguous.tsv", _CHOICE, "short form")
    yield from _read("misspellings.tsv", _PLAIN, "misspelling")
    yield from _read("dialect.tsv", _CHOICE, "dialect")


def _read(file: str, columns: tuple[str, ...], rule: str) -> Iterator[Rewrite]:
    seen: set[tuple[tuple[str, ...], Neighbours | None]] = set()
    for number, cells in rows(file, columns):
        said = tuple(normalise(cells[0]).lower().split())
        full = normalise(cells[1])
        neighbours = Neighbours(*map(_neighbours, cells[2:6])) if columns is _CHOICE else None
        if not said or not full or (said, neighbours) in seen:
            raise BrokenTable(file, number, f"incomplete or repeated: {cells[0]!r}")
        seen.add((said, neighbours))
        yield Rewrite(rule, said, full, neighbours)
        plain = tuple(map(fold, said))
        if columns is _PLAIN and cells[2] == "yes" and plain != said and (plain, None) not in seen:
            seen.add((plain, None))
            yield Rewrite(rule, plain, full)


def _neighbours(cell: str) -> frozenset[str]:
    words = cell.lower().split()
    return frozenset(words) | frozenset(map(fold, words))
