"""The limits of readable text: one reviewed file, checked when it is read."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from procedures_kb.yaml_files import read_model

LIMITS = Path(__file__).parent / "limits.yaml"

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
Count = Annotated[int, Field(ge=1)]


class BrokenLimits(ValueError):
    """`limits.yaml` cannot be used; the message names the place and the reason."""


class Rule(StrEnum):
    """What a text can break."""

    SENTENCE_LENGTH = "sentence_length"
    TOO_LONG = "too_long"
    UNEXPLAINED_TERM = "unexplained_term"
    MANY_ACTIONS = "many_actions"
    ABBREVIATION = "abbreviation"
    SHOUTING = "shouting"
    DOUBLE_NEGATIVE = "double_negative"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Message(_Entry):
    """What is read in one go: each item of the list `each`, without its `without`, and beside it `beside`.

    Without `each` it is the whole text unit. `longest` is its limit in syllables.
    """

    longest: Count
    each: str | None = None
    without: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


class Kind(_Entry):
    """One kind of text: its files (globs from the repository's root) and its limits.

    `whole_file` says that a file is one text unit, within which a word is explained once; else every text
    stands alone. Of the list `apart` in a file each person reads one item. `templates` are Jinja, `markup` is
    HTML or SVG and not YAML; its texts stand under the key "text", those of drawings too. Keys of
    `skip` are read by programs only, those of `skip_mappings` where a mapping stands under them; texts under
    keys of `names` are names or titles and need no explanations. A text under a key of `one_action` asks for
    one thing. `sentence` is the longest sentence in syllables.
    """

    files: Annotated[tuple[str, ...], Field(min_length=1)]
    whole_file: bool = False
    apart: str | None = None
    templates: bool = False
    markup: bool = False
    skip: tuple[str, ...] = ()
    skip_mappings: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    one_action: tuple[str, ...] = ()
    sentence: Count
    messages: tuple[Message, ...] = ()


class Term(_Entry):
    """A rare word, and how it may be explained.

    `plain` is what a writer can put beside it. It is explained too where one of `by` stands in the same or
    the next sentence. `inside` are longer phrases in which it is not this word or explains itself. `known_in`
    gives for a kind the reason why the word needs no explanation there.
    """

    term: Words
    also: tuple[Words, ...] = ()
    plain: Words
    by: tuple[Words, ...] = ()
    inside: tuple[Words, ...] = ()
    known_in: Mapping[str, Words] = {}

    @property
    def forms(self) -> tuple[str, ...]:
        """The word as it may be written."""
        return (self.term, *self.also)


class Explaining(_Entry):
    """What counts as an explanation beside a word: `after` it, at most `gap` syllables on, or right `before`.

    A bracket counts like one of `after`, and a word in a bracket explains what stands before it. `at_once`
    are ways that count only right after the word; a bracket that begins with one of `idle` explains nothing.
    """

    after: tuple[Words, ...]
    at_once: tuple[Words, ...]
    before: tuple[Words, ...]
    idle: tuple[Words, ...]
    gap: Annotated[int, Field(ge=0, le=6)]


class Actions(_Entry):
    """How a second action shows: a clause that begins with one of `verbs`, after `openers` or not.

    Clauses are parted by the ends of sentences, commas, semicolons and `joiners`; `most` may stand in one
    step. Clauses that begin with one of `settings` only say when.
    """

    most: Count
    verbs: tuple[Words, ...]
    openers: tuple[Words, ...]
    settings: tuple[Words, ...]
    joiners: tuple[Words, ...]


class Abbreviations(_Entry):
    """Capitals that may stand: `known` ones, and codes that match one of `patterns`."""

    known: tuple[str, ...]
    patterns: tuple[str, ...]


class Exempt(_Entry):
    """A place that may break a rule, and why. `found` narrows it to one finding."""

    place: Words
    rule: Rule
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)]
    found: str | None = None


class Limits(_Entry):
    """The whole file."""

    kinds: Mapping[str, Kind]
    explaining: Explaining
    terms: tuple[Term, ...]
    actions: Actions
    abbreviations: Abbreviations
    double_negatives: tuple[Words, ...]
    exceptions: tuple[Exempt, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        forms = [form.lower() for term in self.terms for form in term.forms]
        if twice := sorted({form for form in forms if forms.count(form) > 1}):
            raise ValueError(f"terms stand twice: {', '.join(twice)}")
        named = {kind for term in self.terms for kind in term.known_in}
        if unknown := sorted(named - set(self.kinds)):
            raise ValueError(f"known_in names no kind: {', '.join(unknown)}")
        return self


def read_limits(file: Path = LIMITS) -> Limits:
    """Return the limits. Raises BrokenLimits, naming the place and the reason."""
    return read_model(file, Limits, BrokenLimits)
