"""The schema of `keywords.yaml`."""

from __future__ import annotations

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from procedures_kb.aspect import Aspect
from procedures_kb.yaml_files import read_yaml


class _Checked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Entry(_Checked):
    """Phrases of one meaning, with sentences that must fire and must not.

    `beside` (intents): what may stand around the phrases in the message, and says nothing alone.
    `yields` (aspects): where one of these is asked for as well, the entry is only a way of asking for it.
    `also` (aspects): what its words ask for at the same time; it comes after the aspect of the entry.
    """

    phrases: tuple[str, ...] = Field(min_length=1)
    beside: tuple[str, ...] = ()
    yields: tuple[Aspect, ...] = ()
    also: tuple[Aspect, ...] = ()
    weak: bool = False
    accented_only: bool = False
    anywhere: bool = False
    unless: tuple[str, ...] = ()
    examples: tuple[str, ...] = Field(min_length=1)
    rejects: tuple[str, ...] = Field(alias="not", min_length=1)


class Noise(_Checked):
    """Syllables (one text, split at spaces) and phrases that carry no subject of their own."""

    words: str
    phrases: tuple[str, ...]


class KeywordData(_Checked):
    """The whole file."""

    shields: tuple[str, ...]
    subjects: tuple[str, ...]
    polite: str
    noise: Noise
    aspects: dict[Aspect, tuple[Entry, ...]]
    intents: dict[str, tuple[Entry, ...]]
    emergency: dict[str, tuple[Entry, ...]]
    calm: tuple[str, ...]
    urgent: tuple[str, ...]


def load_data(path: Path) -> KeywordData:
    """Return the checked data of `path`; raises ValueError, naming file and place, where it is wrong."""
    try:
        return KeywordData.model_validate(read_yaml(path))
    except (ValidationError, yaml.YAMLError) as error:
        raise ValueError(f"{path.name} is not valid: {error}") from error
