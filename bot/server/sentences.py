"""The few sentences that the server says itself, as reviewed data."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from procedures_kb.yaml_files import read_yaml

SENTENCES = Path(__file__).with_name("sentences.yaml")


class Sentences(BaseModel):
    """What is said while the assistant is paused, starting, fails, is back, or may not read a message."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    paused: str
    starting: str
    trouble: str
    back_again: str
    withheld: str


def load_sentences(path: Path = SENTENCES) -> Sentences:
    """Read the sentences. Raises pydantic.ValidationError where one is missing or unknown."""
    return Sentences.model_validate(read_yaml(path))
