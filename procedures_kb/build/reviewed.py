"""What people have decided about names: short names and families that the rules cannot find."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Self

import yaml
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, model_validator

from procedures_kb.build.rules import RULES, RuleFile
from procedures_kb.model import Code, ShortName
from procedures_kb.yaml_files import read_yaml


class BrokenReview(ValueError):
    """A reviewed file that cannot be used; the message names the file and the reason."""


def _composed(name: str) -> str:
    if unicodedata.normalize("NFC", name) != name:
        raise ValueError(f"{name!r} is not in Unicode's composed form (NFC)")
    return name


def _unique(names: Mapping[str, str]) -> Mapping[str, str]:
    first: dict[str, str] = {}
    for code, name in names.items():
        other = first.setdefault(name.casefold(), code)
        if other != code:
            raise ValueError(f"{other} and {code} share the name {name!r}")
    return names


_SHORT_NAMES = TypeAdapter(
    Annotated[dict[Code, Annotated[ShortName, AfterValidator(_composed)]], AfterValidator(_unique)]
)


class Families(RuleFile):
    """Families by decision.

    `together`: level twins under different titles; the first code gives the family's key. `apart`: words
    that are added to the key of a code whose title is also another matter's.
    """

    together: tuple[Annotated[tuple[Code, ...], Field(min_length=2)], ...]
    apart: dict[Code, Annotated[str, Field(min_length=2)]]

    @model_validator(mode="after")
    def _once(self) -> Self:
        codes = [code for group in self.together for code in group]
        twice = sorted({code for code in codes if codes.count(code) > 1} | (set(codes) & set(self.apart)))
        if twice:
            raise ValueError(f"stands twice: {', '.join(twice)}")
        return self


def read_short_names(file: Path) -> Mapping[str, str]:
    """Return the reviewed short name of each code.

    Raises BrokenReview where the file is not YAML, a code or a name is not as the model wants it, or two
    codes share a name.
    """
    try:
        return MappingProxyType(_SHORT_NAMES.validate_python(read_yaml(file)))
    except (yaml.YAMLError, ValidationError) as error:
        raise BrokenReview(f"{file.name}: {error}") from error


def read_families(file: Path) -> Families:
    """Return the families by decision. Raises BrokenReview where the file is not as the schema says."""
    try:
        return Families.model_validate(read_yaml(file))
    except (yaml.YAMLError, ValidationError) as error:
        raise BrokenReview(f"{file.name}: {error}") from error


@cache
def reviewed_short_names() -> Mapping[str, str]:
    """Return the short names of `data/rules/short_names.yaml`."""
    return read_short_names(RULES / "short_names.yaml")


@cache
def reviewed_families() -> Families:
    """Return the families of `data/rules/families.yaml`."""
    return read_families(RULES / "families.yaml")


def known(codes: Iterable[str], held: Mapping[str, object]) -> tuple[str, ...]:
    """Return those of `codes` that `held` has, in their order."""
    return tuple(code for code in codes if code in held)
