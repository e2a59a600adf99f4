"""Reviews the lay names by their words alone: names that two families share, families with too few names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from procedures_kb.catalogue import Catalogue
from procedures_kb.lay_names import LAY_NAMES, LayName, by_family
from procedures_kb.model import Code, Level, Procedure, Record
from procedures_kb.yaml_files import read_model
from vietnamese import expand, fold, normalise, syllables

REVIEWED = LAY_NAMES / "review" / "reviewed.yaml"
MIN_NAMES = 2  # of a specialised procedure (issue 4, part 1)
MIN_EVERYDAY = 8  # of one that citizens and small traders really ask about
LOCAL = frozenset({Level.COMMUNE, Level.PROVINCE})

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=200)]


class BrokenReview(ValueError):
    """The file of reviewed exceptions cannot be used; the message says what to mend."""


class SharedOnPurpose(Record):
    """A name that several families keep, and why none of them may lose it."""

    name: Annotated[str, StringConstraints(min_length=3)]
    codes: Annotated[tuple[Code, ...], Field(min_length=2)]
    reason: Reason


class FewOnPurpose(Record):
    """A procedure that has fewer names than its kind asks for, and why."""

    code: Code
    reason: Reason


class SameTopic(Record):
    """Families whose names may stand nearer to one another: people mean the same thing by them."""

    codes: Annotated[tuple[Code, ...], Field(min_length=2)]
    reason: Reason


class Reviewed(Record):
    """What reviewers decided. `everyday` are the codes that citizens and small traders really ask about."""

    everyday: tuple[Code, ...] = ()
    shared: tuple[SharedOnPurpose, ...] = ()
    few: tuple[FewOnPurpose, ...] = ()
    same_topic: tuple[SameTopic, ...] = ()

    def topics(self, catalogue: Catalogue) -> frozenset[frozenset[str]]:
        """Return each pair of families of `catalogue` that a reviewer called one topic."""
        groups = (_families(group.codes, catalogue) for group in self.same_topic)
        return frozenset(frozenset(pair) for group in groups for pair in combinations(group, 2))


@dataclass(frozen=True, slots=True)
class Shared:
    """A name under which several families are found; `codes` holds one code of each."""

    name: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Few:
    """A family with `names` lay names where `asked` are wanted."""

    code: str
    ministry: str
    names: int
    asked: int


@dataclass(frozen=True)
class LayReview:
    """What no reviewer has accepted yet, and how many families with how many names were looked at."""

    families: int
    names: int
    shared: tuple[Shared, ...]
    few: tuple[Few, ...]

    @property
    def without(self) -> int:
        """How many of `few` have no name at all."""
        return sum(few.names == 0 for few in self.few)

    @cached_property
    def few_by_ministry(self) -> Counter[str]:
        """How many families with too few names each ministry has."""
        return Counter(few.ministry for few in self.few)


def load_reviewed(file: Path = REVIEWED) -> Reviewed:
    """Read the reviewed exceptions.

    Raises BrokenReview where the file is missing or not as the schema says.
    """
    return read_model(file, Reviewed, BrokenReview)


def review(entries: Iterable[LayName], catalogue: Catalogue, reviewed: Reviewed | None = None) -> LayReview:
    """Return what is wrong with the lay names of `catalogue` by their words alone."""
    accepted = reviewed if reviewed is not None else load_reviewed()
    names = by_family(entries, catalogue)
    return LayReview(
        families=len(catalogue.families),
        names=sum(map(len, names.values())),
        shared=shared_names(names, catalogue, accepted),
        few=few_names(names, catalogue, accepted),
    )


def key(name: str) -> str:
    """Return `name` as search reads it: short forms written out, without accents, "thủ tục" taken off.

    >>> key("Thủ tục làm GKS")
    'lam giay khai sinh'
    """
    units = syllables(fold(expand(normalise(name))))
    return " ".join(units[2:] if units[:2] == ["thu", "tuc"] else units)


def shared_names(
    names: Mapping[str, Sequence[str]], catalogue: Catalogue, reviewed: Reviewed
) -> tuple[Shared, ...]:
    """Return each lay name that another family has too, as a lay name or as its title."""
    owners: dict[str, dict[str, None]] = defaultdict(dict)
    lay: dict[str, str] = {}
    for family, members in catalogue.families.items():
        for title in {title for p in members for title in (p.name, p.short_name)}:
            owners[key(title)][family] = None
        for name in names.get(family, ()):
            said = key(name)
            lay.setdefault(said, name)
            owners[said][family] = None
    accepted = {key(one.name): _families(one.codes, catalogue) for one in reviewed.shared}
    return tuple(
        Shared(name, tuple(catalogue.families[family][0].code for family in owners[said]))
        for said, name in lay.items()
        if len(owners[said]) > 1 and not owners[said].keys() <= accepted.get(said, set())
    )


def few_names(
    names: Mapping[str, Sequence[str]], catalogue: Catalogue, reviewed: Reviewed
) -> tuple[Few, ...]:
    """Return each everyday or local family with fewer names than its kind asks for, fewest first."""
    everyday = _families(reviewed.everyday, catalogue)
    accepted = _families((one.code for one in reviewed.few), catalogue)
    found = [
        Few(
            members[0].code,
            members[0].ministry,
            len(names.get(family, ())),
            _asked(family, members, everyday),
        )
        for family, members in catalogue.families.items()
        if family not in accepted
    ]
    return tuple(sorted((few for few in found if few.names < few.asked), key=lambda few: few.names))


def _asked(family: str, members: Iterable[Procedure], everyday: set[str]) -> int:
    if family in everyday:
        return MIN_EVERYDAY
    return MIN_NAMES if any(level in LOCAL for p in members for level in p.levels) else 0


def _families(codes: Iterable[str], catalogue: Catalogue) -> set[str]:
    return {catalogue.by_code[code].family for code in codes if code in catalogue.by_code}
