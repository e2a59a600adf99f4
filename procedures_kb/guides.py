"""The step-by-step guides: what each says, and which one a sentence asks for.

A guide is one YAML file of `data/guides/` (how to add one: docs/guides.md). `_settings.yaml` beside them
holds the order of the menu and the numbers of the matching.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from procedures_kb.guide_matching import Matching, PhraseIndex, Spoken, key
from procedures_kb.model import Record, Text
from procedures_kb.yaml_files import read_model

GUIDES = Path(__file__).parent / "data" / "guides"
SETTINGS_FILE = "_settings.yaml"

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Url = Annotated[str, StringConstraints(pattern=r"^https://[^\s/]+(/\S*)?$")]
Cue = Annotated[tuple[Text, ...], Field(min_length=1)]


class BrokenGuide(ValueError):
    """A guide that cannot be served; the message names the file, the place and the reason."""


class Stuck(Record):
    """One place where people get stuck: how it shows (`when`) and what to do (`then`)."""

    when: Text
    then: Text


class GuideStep(Record):
    """One action: what to do, where, and what should be seen after it. `id` stays when the text changes."""

    id: Slug
    do: Text
    where: Text
    see: Text
    stuck: tuple[Stuck, ...] = ()


class GuideSource(Record):
    """Where the facts come from, and the day on which somebody compared them."""

    what: Text
    url: Url
    checked: date


class Guide(Record):
    """A guide for somebody who has never done it; `short_title` goes on buttons.

    `phrases` are ways in which people ask for it. A sentence is about this guide at all only if it holds all
    words of one of the `cues`: this keeps "đổi bằng lái xe", a procedure, away from "bằng lái vào VNeID".
    """

    id: Slug
    title: Text
    short_title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=60)]
    audience: Text
    goal: Text
    needs: tuple[Text, ...]
    phrases: Annotated[tuple[Text, ...], Field(min_length=15, max_length=30)]
    cues: Annotated[tuple[Cue, ...], Field(min_length=1)]
    steps: Annotated[tuple[GuideStep, ...], Field(min_length=4, max_length=9)]
    done: Text
    sources: Annotated[tuple[GuideSource, ...], Field(min_length=1)]

    def step(self, step_id: str) -> GuideStep | None:
        """Return the step with this id, None where a later version of the guide dropped it."""
        return next((s for s in self.steps if s.id == step_id), None)


class GuideSettings(Record):
    """The file `_settings.yaml`: the order of the menu, and how sentences are matched to guides."""

    order: tuple[Slug, ...]
    matching: Matching


@dataclass(frozen=True, eq=False)
class Guides(Mapping[str, Guide]):
    """The guides by id, in the order of the menu."""

    guides: tuple[Guide, ...]
    matching: Matching

    @cached_property
    def _by_id(self) -> dict[str, Guide]:
        return {g.id: g for g in self.guides}

    @cached_property
    def _index(self) -> PhraseIndex:
        return PhraseIndex([Spoken(g.id, g.phrases, g.cues) for g in self.guides], self.matching)

    def __getitem__(self, guide_id: str) -> Guide:
        return self._by_id[guide_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self.guides)

    def match(self, text: str) -> tuple[str, float] | None:
        """Return the guide that `text` asks for with a score in 0..1, None where it asks for none.

        Accents and case do not matter. A question about a procedure gives None: it holds no guide's cue, or
        its own words ("kết hôn", "tạm trú"), which stand in no phrase, weigh against the guide.
        """
        return self._index.match(text)


def load(folder: Path = GUIDES) -> Guides:
    """Read every guide of `folder`, in the order of its `_settings.yaml`; the others follow by file name.

    Raises BrokenGuide for the first thing that is wrong, FileNotFoundError where there is no guide.
    """
    files = sorted(f for f in folder.glob("*.yaml") if f.name != SETTINGS_FILE)
    if not files:
        raise FileNotFoundError(f"no guide in {folder}: reinstall the package or restore the folder from git")
    settings = read_model(folder / SETTINGS_FILE, GuideSettings, BrokenGuide)
    guides = {file.name: _read_guide(file) for file in files}
    _refuse_repeats(guides)
    by_id = {g.id: g for g in guides.values()}
    if missing := [i for i in settings.order if i not in by_id]:
        raise BrokenGuide(f"{SETTINGS_FILE}: order: no guide has the id {', '.join(missing)}")
    ordered = [*settings.order, *(i for i in by_id if i not in settings.order)]
    return Guides(tuple(by_id[i] for i in dict.fromkeys(ordered)), settings.matching)


def _read_guide(file: Path) -> Guide:
    guide = read_model(file, Guide, BrokenGuide)
    for step_id in _repeated(s.id for s in guide.steps):
        raise BrokenGuide(f"{file.name}: steps: the id {step_id} stands twice; a stored position needs one")
    for phrase in _repeated(key(p) for p in guide.phrases):
        raise BrokenGuide(f"{file.name}: phrases: “{phrase}” stands twice (accents do not count)")
    return guide


def _refuse_repeats(guides: Mapping[str, Guide]) -> None:
    ids: dict[str, str] = {}
    phrases: dict[str, str] = {}
    for name, guide in guides.items():
        if guide.id in ids:
            raise BrokenGuide(f"{name}: the id {guide.id} stands in {ids[guide.id]} too")
        ids[guide.id] = name
        for phrase in guide.phrases:
            if (other := phrases.get(key(phrase))) is not None:
                raise BrokenGuide(f"{name}: phrases: “{phrase}” stands in {other} too (accents do not count)")
            phrases[key(phrase)] = name


def _repeated(items: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    twice: list[str] = []
    for item in items:
        (twice.append if item in seen else seen.add)(item)
    return twice
