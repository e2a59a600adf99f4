"""Every sentence the bot says comes from `replies.yaml`; this renders one with its values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from procedures_kb.yaml_files import read_yaml

_FOLDER = Path(__file__).parent
_BLANK_LINES = re.compile(r"\n{3,}")
_TEXTS = TypeAdapter(dict[str, Annotated[str, StringConstraints(pattern=r"\S")]])
_TRAILING_SPACES = re.compile(r"[ \t]+\n")


class UnknownReply(KeyError):
    """A reply was asked for that `replies.yaml` does not have."""


class AspectLabel(BaseModel):
    """How one aspect is called on a button and in a heading."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    button: str
    heading: str


class Labels(BaseModel):
    """Short names of the model's values, as citizens read them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    aspects: Mapping[str, AspectLabel]
    channels: Mapping[str, str]
    levels: Mapping[str, str]
    level_adjectives: Mapping[str, str]
    units: Mapping[str, str]
    buttons: Mapping[str, str]
    moves: Mapping[str, str]
    marks: Mapping[str, str]
    shapes: Mapping[str, str]
    online_words: tuple[str, ...]
    certified_words: tuple[str, ...]
    paper_ways: Mapping[str, tuple[str, ...]]
    emergencies: Mapping[str, str]
    copies: Mapping[str, str]
    form_openings: tuple[str, ...]
    time_words: tuple[str, ...]
    own_counters: tuple[str, ...]
    district_words: tuple[str, ...]


@lru_cache(maxsize=1)
def load_labels() -> Labels:
    """Read `labels.yaml`. Raises pydantic.ValidationError, naming the key, where it is incomplete."""
    return Labels.model_validate(read_yaml(_FOLDER / "labels.yaml"))


class Replies:
    """The bot's sentences, each compiled when it is first said: at start nobody waits for sixty of them.

    Safe to share between threads: two that compile the same sentence make the same one.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
        )
        self._environment.globals["labels"] = load_labels()
        self._templates: dict[str, Template] = {}
        self._fills: dict[str, Template] = {}

    @classmethod
    def load(cls, file: Path = _FOLDER / "replies.yaml") -> Replies:
        """Read every sentence of `file`. Raises ValueError for an entry that is not text."""
        try:
            return cls(_TEXTS.validate_python(read_yaml(file)))
        except ValidationError as error:
            raise ValueError(f"{file.name}: not a text: {error.errors()[0]['loc']}") from error

    @property
    def keys(self) -> frozenset[str]:
        """The names of all sentences."""
        return frozenset(self._texts)

    def render(self, key: str, **values: object) -> str:
        """Return the sentence `key` with `values` filled in, without superfluous blank lines.

        Raises UnknownReply for a key that is not there, jinja2.UndefinedError for a missing value,
        jinja2.TemplateSyntaxError for a broken sentence.
        """
        return _tidy((self._templates.get(key) or self._compiled(key)).render(**values))

    def fill(self, text: str, **values: object) -> str:
        """Return `text`, a template of another reviewed file, with `values` filled in."""
        if "{" not in text:
            return text
        template = self._fills.get(text) or self._environment.from_string(text)
        self._fills[text] = template
        return _tidy(template.render(**values))

    def _compiled(self, key: str) -> Template:
        if key not in self._texts:
            raise UnknownReply(key)
        return self._templates.setdefault(key, self._environment.from_string(self._texts[key]))


def _tidy(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", _TRAILING_SPACES.sub("\n", text)).strip()
