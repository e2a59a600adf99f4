"""Derives `data/centres/communes/units/*.tsv` from underthesea's mapping of communes.

Run `python -m procedures_kb.build.communes`. It reads the installed package's JSON without importing the
package, which is slow. The same version of it gives the same bytes.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from procedures_kb.commune_units import COLUMNS, COMMUNES, DIVIDED, WHOLE, province_file
from procedures_kb.commune_words import CommuneWords, load_words
from vietnamese import fold, normalise

PACKAGE = "underthesea"
MAPPING = Path("address") / "data" / "mapping.json"
UNNAMED = "unnamed.tsv"
_HEADER = """\
# Old units of the present province and what each became on {date}; generated, do not edit.
# Source: {package} {version}, address/data/mapping.json (of {source} {source_version}), in force from {date}.
# Derive again: python -m procedures_kb.build.communes
# A divided unit has a line for each commune that took a part, the source's main one first."""


class MappingMissing(FileNotFoundError):
    """The package or its mapping is not installed; the message tells how to install it."""


class BadMapping(ValueError):
    """The mapping is not as this deriver knows it: a unit without a name, or of an unknown kind."""


class _Lenient(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Metadata(_Lenient):
    source: str
    version: str
    effective_date: str


class _Province(_Lenient):
    name: str
    short: str


class _Unit(_Lenient):
    old_province_key: str
    old_district: str
    old_ward: str
    old_ward_key: str
    new_province_key: str
    new_ward: str
    new_ward_key: str
    mapping_type: str
    is_default: bool = False


class Mapping(_Lenient):
    """What we read of the package's JSON."""

    metadata: _Metadata
    province_names: dict[str, _Province]
    old_province_names: dict[str, _Province]
    ward_mapping: tuple[_Unit, ...]


def derive(
    mapping: Mapping, words: CommuneWords, unnamed: dict[tuple[str, str], str]
) -> dict[str, list[str]]:
    """Return the lines of each present province, sorted by old province, district and unit.

    Raises BadMapping for a unit without a name or of an unknown kind.
    """
    found: dict[str, list[tuple[tuple[str, ...], bool, list[str]]]] = {}
    for unit in mapping.ward_mapping:
        new_kind, new_name = _split(unit.new_ward or _named(unnamed, unit, new=True), words.kinds)
        district_kind, district = _split(unit.old_district, words.district_kinds)
        if unit.old_ward_key or unit.old_ward:
            old_kind, old_name = _split(unit.old_ward or _named(unnamed, unit, new=False), words.kinds)
        else:
            old_kind, old_name = district_kind, district
        old_province = mapping.old_province_names[unit.old_province_key].short
        province = mapping.province_names[unit.new_province_key].short
        divided = unit.mapping_type == DIVIDED
        row = [old_kind, old_name, district_kind, district, old_province, new_kind, new_name, province]
        place = tuple(fold(part) + part for part in (old_province, district, old_name, old_kind))
        found.setdefault(province, []).append((place, not unit.is_default, [*row, _share(divided)]))
    return {
        province: ["\t".join(row) for _, _, row in sorted(rows)] for province, rows in sorted(found.items())
    }


def write(lines: dict[str, list[str]], header: str, folder: Path) -> dict[str, int]:
    """Write one file a province; return the size of each in bytes."""
    sizes = {}
    for province, rows in lines.items():
        file = province_file(province, folder)
        data = "\n".join([header, "\t".join(COLUMNS), *rows, ""]).encode("utf-8")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        sizes[file.name] = len(data)
    return sizes


def read_mapping() -> tuple[Mapping, str]:
    """Return the installed package's mapping and the version of the package.

    Raises MappingMissing, BadMapping.
    """
    spec = importlib.util.find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    file = Path(places[0]) / MAPPING if places else None
    if file is None or not file.is_file():
        raise MappingMissing(f"{PACKAGE} is not installed: pip install -c constraints.txt {PACKAGE}")
    try:
        mapping = Mapping.model_validate_json(file.read_bytes())
    except ValidationError as error:
        raise BadMapping(f"{file.name}: not the form that we know: {error.errors()[0]['msg']}") from error
    return mapping, importlib.metadata.version(PACKAGE)


def header_of(mapping: Mapping, version: str) -> str:
    """Return the comment that stands above each file: the source, its version, its date."""
    about = mapping.metadata
    return _HEADER.format(
        package=PACKAGE,
        version=version,
        source=about.source,
        source_version=about.version,
        date=about.effective_date,
    )


def read_unnamed(folder: Path = COMMUNES) -> dict[tuple[str, str], str]:
    """Return the reviewed names of units that the mapping leaves without one, by province and key."""
    lines = [line for line in (folder / UNNAMED).read_text("utf-8").splitlines() if not line.startswith("#")]
    rows = [line.split("\t") for line in lines[1:]]
    return {(province, key): name for province, key, name in rows}


def main(arguments: Sequence[str] | None = None) -> int:
    """Derive all files into `--out`, by default where they are read from."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=COMMUNES)
    out: Path = parser.parse_args(arguments).out
    mapping, version = read_mapping()
    sizes = write(derive(mapping, load_words(), read_unnamed()), header_of(mapping, version), out)
    sys.stdout.write(f"{len(mapping.ward_mapping)} lines, {len(sizes)} files, {sum(sizes.values())} bytes\n")
    return 0


def _share(divided: bool) -> str:
    return DIVIDED if divided else WHOLE


def _named(unnamed: dict[tuple[str, str], str], unit: _Unit, *, new: bool) -> str:
    where = (unit.new_province_key, unit.new_ward_key) if new else (unit.old_province_key, unit.old_ward_key)
    try:
        return unnamed[where]
    except KeyError:
        raise BadMapping(f"no name for {where[1]!r} of {where[0]}: add it to {UNNAMED}") from None


def _split(full: str, kinds: Iterable[str]) -> tuple[str, str]:
    text = normalise(full)
    for kind in sorted(kinds, key=len, reverse=True):
        if text.lower().startswith(f"{kind} "):
            return kind, text[len(kind) + 1 :]
    raise BadMapping(f"{full!r} is of no kind that words.yaml names")


if __name__ == "__main__":
    raise SystemExit(main())
