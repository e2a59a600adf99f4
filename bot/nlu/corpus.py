"""The training sentences as they are stored: one source sentence an example, checked when it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.nlu.project import NluError, Project
from vietnamese import normalise

_MARK = re.compile(r"\[([^\]]+)\]\((\w+)\)")


@dataclass(frozen=True, slots=True)
class Example:
    """One source sentence; `marked` may carry entities as Rasa writes them, "[text](kind)"."""

    intent: str
    marked: str

    @property
    def text(self) -> str:
        """The sentence without its marks."""
        return _MARK.sub(r"\1", self.marked)

    def names(self, kind: str) -> tuple[str, ...]:
        """Return what is marked as `kind`."""
        return tuple(text for text, marked_kind in _MARK.findall(self.marked) if marked_kind == kind)

    def swap(self, kind: str, name: str) -> Example:
        """Return the example with every `kind` replaced by `name`."""
        swapped = _MARK.sub(lambda m: f"[{name}]({kind})" if m.group(2) == kind else m.group(), self.marked)
        return Example(self.intent, swapped)


@dataclass(frozen=True, slots=True)
class Corpus:
    """All examples, with the patterns and lookup names of entities by kind."""

    examples: tuple[Example, ...]
    patterns: tuple[tuple[str, tuple[str, ...]], ...]
    lookups: tuple[tuple[str, tuple[str, ...]], ...]

    def procedure_names(self) -> tuple[str, ...]:
        """Return the procedures named in the examples, without repeats, in the order of the files."""
        return tuple(dict.fromkeys(name for e in self.examples for name in e.names("procedure")))


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid")

    intent: str | None = None
    regex: str | None = None
    lookup: str | None = None
    examples: str

    def lines(self) -> Iterator[str]:
        for line in self.examples.splitlines():
            if not line.startswith("- "):
                raise ValueError(f"every example starts with '- ': {line!r}")
            yield line[2:].strip()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: str
    nlu: list[_Block]


class _LayName(BaseModel):
    code: str
    names: list[str]


def load_corpus(project: Project) -> Corpus:
    """Return what nlu_data/data holds.

    Raises NluError, naming the file, for a wrong layout or a sentence given twice.
    """
    examples: list[Example] = []
    patterns: list[tuple[str, tuple[str, ...]]] = []
    lookups: list[tuple[str, tuple[str, ...]]] = []
    for path in sorted((project.rasa / "data").glob("*.yml")):
        try:
            blocks = _File.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).nlu
            for block in blocks:
                lines = tuple(block.lines())
                if block.intent:
                    examples += [Example(block.intent, normalise(line)) for line in lines]
                elif block.regex:
                    patterns.append((block.regex, lines))
                elif block.lookup:
                    lookups.append((block.lookup, lines))
        except (ValidationError, ValueError, yaml.YAMLError) as error:
            raise NluError(f"{path.name} is not valid training data: {error}") from error
    _refuse_repeats(examples)
    return Corpus(tuple(examples), tuple(patterns), tuple(lookups))


def load_lay_names(project: Project) -> tuple[str, ...]:
    """Return how people call procedures, without repeats; empty where the data is not there."""
    names: dict[str, None] = {}
    for path in sorted(project.lay_names.glob("*.yaml")):
        try:
            rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
            names |= dict.fromkeys(
                normalise(name) for row in rows for name in _LayName.model_validate(row).names
            )
        except (ValidationError, TypeError, yaml.YAMLError) as error:
            raise NluError(f"{path.name} is not a list of {{code, names}}: {error}") from error
    return tuple(name for name in names if not set(name) & set("[]()"))


def _refuse_repeats(examples: list[Example]) -> None:
    seen: dict[str, str] = {}
    for example in examples:
        key = example.text.lower()
        if key in seen:
            raise NluError(f"given twice ({seen[key]} and {example.intent}): {example.text!r}")
        seen[key] = example.intent
