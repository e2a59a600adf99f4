"""The records of a JSON file: one, an array, or JSON Lines; each with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from procedures_kb.importers.guards import BadFile, read_json, read_text


@dataclass(frozen=True, slots=True)
class Found:
    """One JSON value of a file, at the place `at`; `problem` says why it could not be read."""

    at: str
    value: object = None
    problem: str | None = None


def records_in(file: Path) -> tuple[Found, ...]:
    """Return the top-level records of `file`: the value itself, the items of an array, or one a line.

    Raises BadFile for a file that is no text, or no JSON at all.
    """
    text = read_text(file)
    if _is_lines(text):
        return tuple(_lines(file, text))
    value = read_json(text)
    if isinstance(value, list):
        return tuple(Found(f"{file}#{number}", item) for number, item in enumerate(value, start=1))
    return (Found(str(file), value),)


def _is_lines(text: str) -> bool:
    """Whether each line is a record: the first one is a whole object, and more follow."""
    first, _, rest = text.strip().partition("\n")
    if not rest.strip() or not first.rstrip().endswith("}"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _lines(file: Path, text: str) -> Iterator[Found]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        at = f"{file}:{number}"
        try:
            yield Found(at, read_json(line))
        except BadFile as error:
            yield Found(at, problem=str(error))
