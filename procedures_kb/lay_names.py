"""How people call the procedures: reviewed data, one YAML file a ministry, checked when it is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, cast

import yaml
from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError

from procedures_kb import kept
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import MAX_TITLE, Code, Record
from procedures_kb.yaml_files import read_yaml
from vietnamese import fold

LAY_NAMES = Path(__file__).parent / "data" / "lay_names"
MIN_SYLLABLES = 3
MAX_SYLLABLES = 14


def _sized(name: str) -> str:
    count = len(name.split())
    if not MIN_SYLLABLES <= count <= MAX_SYLLABLES:
        raise ValueError(f"{name!r} has {count} syllables, not {MIN_SYLLABLES} to {MAX_SYLLABLES}")
    return name


Saying = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=5, max_length=80), AfterValidator(_sized)
]
Official = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=MAX_TITLE)]


class BrokenLayNames(ValueError):
    """A file of lay names that cannot be served; the message names file, code and reason."""


class LayName(Record):
    """How people call the family of `code`. `official` reminds a reviewer what the code is."""

    code: Code
    official: Official | None = None
    names: Annotated[tuple[Saying, ...], Field(min_length=1)]


class LayNames(Record):
    """One file: the lay names of a ministry's procedures."""

    entries: tuple[LayName, ...]


_ENTRIES = TypeAdapter(tuple[LayName, ...])


def load(folder: Path = LAY_NAMES) -> tuple[LayName, ...]:
    """Read every `*.yaml` of `folder`, in the order of the files; () where there is none.

    Folders in it are left out: `review/` holds what reviewers decided (`procedures_kb.lay_review`).

    Raises BrokenLayNames for a file that is not as the schema says, a code that stands twice, or a name that
    stands twice once accents and case are folded.
    """
    files = sorted(folder.glob("*.yaml"))
    parts = (part for file in files for part in (file.name.encode(), file.read_bytes()))
    rows = kept.kept(
        "lay_names",
        kept.digest((kept.code_digest().encode(), *parts)),
        lambda: [[entry.code, entry.official, entry.names] for entry in _checked(files)],
    )
    # What is kept was checked under this very digest: checking it again would take ten times as long.
    return tuple(
        LayName.model_construct(code=code, official=official, names=tuple(names))
        for code, official, names in cast("list[tuple[str, str | None, list[str]]]", rows)
    )


def _checked(files: Iterable[Path]) -> Iterator[LayName]:
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for file in files:
        for entry in read(file).entries:
            _claim(codes, entry.code, entry.code, f"{file.name}: code {entry.code}")
            for name in entry.names:
                _claim(names, fold(name), entry.code, f"{file.name}: {entry.code}: {name!r}")
            yield entry


def read(file: Path) -> LayNames:
    """Return the lay names of one file.

    Raises BrokenLayNames where it is not YAML or not as the schema says.
    """
    try:
        data = read_yaml(file)
        return LayNames(entries=_ENTRIES.validate_python(data or ()))
    except yaml.YAMLError as error:
        raise BrokenLayNames(f"{file.name}: not YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BrokenLayNames(f"{file.name}: entry {where}: {first['msg']}") from error


def by_family(lay_names: Iterable[LayName], catalogue: Catalogue) -> Mapping[str, tuple[str, ...]]:
    """Return the lay names of each family, in the order of the files.

    A code that the catalogue lacks is left out: an operator's own catalogue may be smaller than ours
    (`unknown_codes` lists them).
    """
    families: dict[str, list[str]] = defaultdict(list)
    for entry in lay_names:
        family = catalogue.family_of(entry.code)
        if family is not None:
            families[family].extend(entry.names)
    return MappingProxyType({family: tuple(names) for family, names in families.items()})


def unknown_codes(lay_names: Iterable[LayName], catalogue: Catalogue) -> Iterator[str]:
    """Yield each code that has lay names but does not stand in the catalogue."""
    return (entry.code for entry in lay_names if entry.code not in catalogue.by_code)


def _claim(owners: dict[str, str], key: str, owner: str, what: str) -> None:
    if key in owners:
        raise BrokenLayNames(f"{what} stands under {owners[key]} too: keep it where it fits best")
    owners[key] = owner
