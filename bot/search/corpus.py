"""What of the catalogue is searched: one entry a family, with its titles and its body."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType

from procedures_kb.catalogue import Catalogue
from procedures_kb.model import DocumentKind, Level, Procedure
from vietnamese import fold

_PREFIX = re.compile(r"^thủ tục\s+", re.IGNORECASE)
_PERSON = re.compile(r"cong dan|ca nhan")


@dataclass(frozen=True, slots=True)
class FamilyText:
    """The texts of one family.

    `titles` are its official and short names without "Thủ tục", `lay_names` what people call it, `body` its
    field and the titles of its papers and results, `facts` its conditions and the cases it tells apart (too
    loose to be searched, good to train on). `local` says that a commune or a province handles it, `citizen`
    that a person may ask for it.
    """

    family: str
    codes: tuple[str, ...]
    titles: tuple[str, ...]
    lay_names: tuple[str, ...]
    body: tuple[str, ...]
    facts: tuple[str, ...]
    local: bool
    citizen: bool

    @property
    def names(self) -> tuple[str, ...]:
        """All titles and lay names, each once."""
        return tuple(dict.fromkeys(self.titles + self.lay_names))


@dataclass(frozen=True)
class Corpus:
    """Every family, in the order of the catalogue; `known_digest` where their digest is known already."""

    families: tuple[FamilyText, ...]
    known_digest: str | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(
        cls, catalogue: Catalogue, lay_names: Mapping[str, tuple[str, ...]], *, facts: bool = False
    ) -> Corpus:
        """Collect the texts of `catalogue`; `lay_names` maps a family to its names.

        `facts` (conditions, cases) are what training alone reads; without them a start is faster.
        """
        return cls(
            tuple(
                _family_text(family, members, lay_names.get(family, ()), facts)
                for family, members in catalogue.families.items()
            )
        )

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Family of each code, as its index."""
        return MappingProxyType({c: i for i, text in enumerate(self.families) for c in text.codes})

    @cached_property
    def digest(self) -> str:
        """A digest of every text, for caches."""
        if self.known_digest is not None:
            return self.known_digest
        whole = hashlib.sha256()
        for text in self.families:
            whole.update("\x1f".join((text.family, *text.names, "\x1e", *text.body)).encode())
            whole.update(b"\x1d")
        return whole.hexdigest()

    def __len__(self) -> int:
        return len(self.families)


def bare(title: str) -> str:
    """Return `title` as people say it, without "Thủ tục" before it.

    >>> bare("Thủ tục đăng ký khai sinh")
    'đăng ký khai sinh'
    """
    return _PREFIX.sub("", title).strip().rstrip(".") or title


def _family_text(
    family: str, members: tuple[Procedure, ...], lay_names: tuple[str, ...], facts: bool
) -> FamilyText:
    titles = tuple(dict.fromkeys(bare(name) for p in members for name in (p.name, p.short_name)))
    return FamilyText(
        family=family,
        codes=tuple(p.code for p in members),
        titles=titles,
        lay_names=lay_names,
        body=tuple(dict.fromkeys(text for p in members for text in _body(p))),
        facts=tuple(dict.fromkeys(text for p in members for text in _facts(p))) if facts else (),
        local=any(level in {Level.COMMUNE, Level.PROVINCE} for p in members for level in p.levels),
        citizen=any(_is_person(who) for p in members for who in p.audience),
    )


@lru_cache(maxsize=256)
def _is_person(audience: str) -> bool:
    return _PERSON.search(fold(audience)) is not None


def _body(procedure: Procedure) -> Iterator[str]:
    yield procedure.field
    for result in procedure.results:
        yield result.name
    for case in procedure.documents:
        for paper in case.items:
            if paper.kind is not DocumentKind.NOTE:
                yield paper.name


def _facts(procedure: Procedure) -> Iterator[str]:
    for condition in procedure.conditions:
        yield " ".join(filter(None, (condition.about, condition.limit)))
    for case in procedure.documents:
        if case.case:
            yield case.case
        for paper in case.items:
            yield from paper.alternatives
            if paper.when:
                yield paper.when
    for channel in procedure.channels:
        cases = [time.case for time in channel.times] + [fee.case for fee in channel.fees]
        yield from filter(None, cases)
    for law in procedure.legal_basis:
        if law.title:
            yield law.title
