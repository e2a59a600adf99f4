"""The step-by-step guides: what each says, and which one a sentence asks for.

A guide is one YAML file of `data/guides/` (how to add one: docs/guides.md). `_settings.yaml` beside them
holds the order of the menu and the numbers of the matching.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from procedures_kb import kept
from procedures_kb.guide_classes import GuideClasses, Nearest, Told
from procedures_kb.guide_matching import Matching, PhraseIndex, Spoken, key
from procedures_kb.model import Record, Text
from procedures_kb.yaml_files import read_model

GUIDES = Path(__file__).parent / "data" / "guides"
SETTINGS_FILE = "_settings.yaml"

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Url = Annotated[str, StringConstraints(pattern=r"^https://[^\s/]+(/\S*)?$")]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
_READINGS = TypeAdapter(list[str])
Cue = Annotated[tuple[Text, ...], Field(min_length=1)]


class BrokenGuide(ValueError):
    """A guide that cannot be served; the message names the file, the place and the reason."""


class Stuck(Record):
    """One place where people get stuck: how it shows (`when`) and what to do (`then`)."""

    when: Text
    then: Text


class Option(Record):
    """One answer to an `Ask`. `words` are other ways of typing it; `go` leads into another guide instead."""

    id: Slug
    label: Label
    words: tuple[Text, ...] = ()
    go: Slug | None = None


class Ask(Record):
    """A question that decides the way. `help` is for somebody who cannot answer it.

    It is put before the first step that depends on it (`GuideStep.when`); before the first step of all where
    its options only lead into other guides. What is `remembered` is not asked again in another guide that
    asks the same (same id, same options): the kind of telephone.
    """

    id: Slug
    ask: Text
    help: Text | None = None
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=5)]
    remembered: bool = False

    def option(self, option_id: str) -> Option | None:
        """Return the option with this id, None where there is none (any more)."""
        return next((o for o in self.options if o.id == option_id), None)


class GuideStep(Record):
    """One action: what to do, where, and what should be seen after it. `id` stays when the text changes.

    `when` names the answers with which the step belongs to the way, by ask. `own_hands`: the citizen does it
    with their own hands, whoever helps. `helper` is said to a helper only. `source` is the id of a source,
    the first one's where it is not given.
    """

    id: Slug
    do: Text
    where: Text
    see: Text
    stuck: tuple[Stuck, ...] = ()
    when: Mapping[Slug, Annotated[tuple[Slug, ...], Field(min_length=1)]] = {}
    picture: Slug | None = None
    own_hands: bool = False
    helper: Text | None = None
    source: Slug | None = None


class CheckedSource(Record):
    """Where facts come from, and the day on which somebody compared them."""

    what: Text
    url: Url
    checked: date


class GuideSource(CheckedSource):
    """A source of a guide, under the id by which its steps name it."""

    id: Slug


class Guide(Record):
    """A guide for somebody who has never done it; `short_title` goes on buttons.

    `phrases` are ways in which people ask for it. A sentence is about this guide at all only if it holds all
    words of one of the `cues`: this keeps "đổi bằng lái xe", a procedure, away from "bằng lái vào VNeID".
    `next` names guides that people need after this one. `helper` is what a helper should know first.
    """

    id: Slug
    title: Text
    short_title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=60)]
    audience: Text
    goal: Text
    needs: tuple[Text, ...]
    phrases: Annotated[tuple[Text, ...], Field(min_length=15, max_length=60)]
    cues: Annotated[tuple[Cue, ...], Field(min_length=1)]
    helper: Text | None = None
    asks: Annotated[tuple[Ask, ...], Field(max_length=4)] = ()
    steps: Annotated[tuple[GuideStep, ...], Field(min_length=4, max_length=20)]
    done: Text
    next: Annotated[tuple[Slug, ...], Field(max_length=3)] = ()
    sources: Annotated[tuple[GuideSource, ...], Field(min_length=1)]

    @property
    def told(self) -> tuple[str, ...]:
        """The texts that are like what people say: phrases, titles, how being stuck shows."""
        stuck = (stuck.when for step in self.steps for stuck in step.stuck)
        return (*self.phrases, self.title, self.short_title, self.goal, *stuck)

    def source_of(self, step: GuideStep) -> GuideSource:
        """Return the source of the step's facts."""
        return next((s for s in self.sources if s.id == step.source), self.sources[0])

    @model_validator(mode="after")
    def _ids_once(self) -> Guide:
        kinds = {
            "asks": [ask.id for ask in self.asks],
            "steps": [step.id for step in self.steps],
            "sources": [source.id for source in self.sources],
        }
        for kind, ids in kinds.items():
            for twice in _repeated(ids):
                raise ValueError(f"{kind}: the id {twice} stands twice; a stored position needs one")
        for ask in self.asks:
            for twice in _repeated(option.id for option in ask.options):
                raise ValueError(f"asks: {ask.id}: the option {twice} stands twice")
        return self

    @model_validator(mode="after")
    def _ways_exist(self) -> Guide:
        asks = {ask.id: ask for ask in self.asks}
        sources = {source.id for source in self.sources}
        for step in self.steps:
            if step.source is not None and step.source not in sources:
                raise ValueError(f"steps: {step.id}: there is no source {step.source}")
            for ask_id, wanted in step.when.items():
                if ask_id not in asks:
                    raise ValueError(f"steps: {step.id}: when: there is no ask {ask_id}")
                stays = {option.id for option in asks[ask_id].options if option.go is None}
                if unknown := set(wanted) - stays:
                    raise ValueError(f"steps: {step.id}: when: {ask_id} has no {', '.join(sorted(unknown))}")
        used = {ask_id for step in self.steps for ask_id in step.when}
        for ask in self.asks:
            if ask.id not in used and not any(option.go for option in ask.options):
                raise ValueError(f"asks: {ask.id} decides nothing: no step and no option depends on it")
        return self


class GuideSettings(Record):
    """The file `_settings.yaml`: the order of the menu, and how sentences are matched to guides."""

    order: tuple[Slug, ...]
    matching: Matching


@dataclass(frozen=True, eq=False)
class Guides(Mapping[str, Guide]):
    """The guides by id, in the order of the menu; `readings` of their phrases (`key`) where known."""

    guides: tuple[Guide, ...]
    matching: Matching
    readings: Mapping[str, str] = field(default_factory=dict, repr=False)

    @cached_property
    def _by_id(self) -> dict[str, Guide]:
        return {g.id: g for g in self.guides}

    @cached_property
    def _index(self) -> PhraseIndex:
        return PhraseIndex(
            [Spoken(g.id, g.phrases, g.cues) for g in self.guides], self.matching, self.readings
        )

    @cached_property
    def _classes(self) -> GuideClasses:
        return GuideClasses([Told(guide.id, guide.told) for guide in self.guides])

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

    def nearest(self, text: str) -> Nearest | None:
        """Return the guide most likely meant if one is, with how sure that is; None for words of no guide."""
        return self._classes.nearest(text)


def load(folder: Path = GUIDES) -> Guides:
    """Read every guide of `folder`, in the order of its `_settings.yaml`; the others follow by file name.

    Raises BrokenGuide for the first thing that is wrong, FileNotFoundError where there is no guide.
    """
    files = sorted(f for f in folder.glob("*.yaml") if f.name != SETTINGS_FILE)
    if not files:
        raise FileNotFoundError(f"no guide in {folder}: reinstall the package or restore the folder from git")
    settings = read_model(folder / SETTINGS_FILE, GuideSettings, BrokenGuide)
    guides = {file.name: read_model(file, Guide, BrokenGuide) for file in files}
    keys = _keys(guides.values())
    _refuse_repeats(guides, keys)
    by_id = {g.id: g for g in guides.values()}
    if missing := [i for i in settings.order if i not in by_id]:
        raise BrokenGuide(f"{SETTINGS_FILE}: order: no guide has the id {', '.join(missing)}")
    for name, guide in guides.items():
        _refuse_unknown_guides(name, guide, by_id)
    ordered = [*settings.order, *(i for i in by_id if i not in settings.order)]
    return Guides(tuple(by_id[i] for i in dict.fromkeys(ordered)), settings.matching, keys)


def _keys(guides: Iterable[Guide]) -> Mapping[str, str]:
    """Return each phrase and cue with how the matching reads it: half the loading time, were it not kept."""
    texts = sorted({text for g in guides for text in (*g.phrases, *(word for cue in g.cues for word in cue))})
    digest = kept.digest((kept.code_digest().encode(), *map(str.encode, texts)))
    found = kept.kept("guide_keys", digest, lambda: [key(text) for text in texts])
    return MappingProxyType(dict(zip(texts, _READINGS.validate_python(found), strict=True)))


def _refuse_unknown_guides(name: str, guide: Guide, by_id: Mapping[str, Guide]) -> None:
    wanted = {option.go for ask in guide.asks for option in ask.options if option.go} | set(guide.next)
    for other in sorted(wanted):
        if other not in by_id or other == guide.id:
            raise BrokenGuide(f"{name}: leads to {other}, which is no other guide")


def _refuse_repeats(guides: Mapping[str, Guide], keys: Mapping[str, str]) -> None:
    ids: dict[str, str] = {}
    phrases: dict[str, str] = {}
    for name, guide in guides.items():
        for phrase in _repeated(keys[p] for p in guide.phrases):
            raise BrokenGuide(f"{name}: phrases: “{phrase}” stands twice (accents do not count)")
    for name, guide in guides.items():
        if guide.id in ids:
            raise BrokenGuide(f"{name}: the id {guide.id} stands in {ids[guide.id]} too")
        ids[guide.id] = name
        for phrase in guide.phrases:
            if (other := phrases.get(keys[phrase])) is not None:
                raise BrokenGuide(f"{name}: phrases: “{phrase}” stands in {other} too (accents do not count)")
            phrases[keys[phrase]] = name


def _repeated(items: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    twice: list[str] = []
    for item in items:
        (twice.append if item in seen else seen.add)(item)
    return twice
