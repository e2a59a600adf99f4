"""What is added at training time: twins without accents, and other procedures in place of a marked one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.nlu.corpus import Corpus, Example
from bot.nlu.keyword_data import KeywordData
from vietnamese import fold

SWAPS = 2  # other procedures put into an example, so that the aspect is learnt and not the procedure
MOST_BARE_NAMES = 3000  # lay names added as examples of find_procedure
_FIND = "find_procedure"
_HOLES = frozenset("*#()|")  # of `bot.nlu.phrases`: such a phrase is no sentence
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True, slots=True)
class Names:
    """Procedure names for swaps: those marked in the data, and the lay names of the catalogue."""

    marked: tuple[str, ...]
    lay: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Every name, without repeats."""
        return tuple(dict.fromkeys((*self.marked, *self.lay)))


def variants(example: Example, names: Sequence[str]) -> tuple[Example, ...]:
    """Return the example, its versions with other procedures, and the unaccented twin of each.

    The same example and names give the same variants: the sentence seeds the choice.
    """
    versions = [example]
    if example.names("procedure"):
        versions += [example.swap("procedure", name) for name in _pick(example.marked, names, SWAPS)]
    twins = [Example(example.intent, fold(version.marked)) for version in versions]
    return tuple(dict.fromkeys((*versions, *twins)))


def bare_names(names: Sequence[str]) -> tuple[Example, ...]:
    """Return lay names, and their twins, as examples of somebody who only names a procedure."""
    chosen = _pick("bare names", names, MOST_BARE_NAMES)
    written = [Example(_FIND, name) for name in chosen]
    return tuple(dict.fromkeys(written + [Example(_FIND, fold(name)) for name in chosen]))


def keyword_examples(data: KeywordData, names: Sequence[str]) -> tuple[Example, ...]:
    """Return the phrases of `keywords.yaml`: alone, and those of aspects beside a procedure too."""
    examples: list[Example] = []
    for aspect, entries in data.aspects.items():
        for phrase in (p for entry in entries if not entry.weak for p in _sentences(entry.phrases)):
            beside = [f"[{name}](procedure) {phrase}" for name in _pick(phrase, names, 1)]
            examples += [Example(f"ask_{aspect.value}", text) for text in (phrase, *beside)]
    for intent, entries in data.intents.items():
        examples += [Example(intent, p) for entry in entries for p in _sentences(entry.phrases)]
    for entries in data.emergency.values():
        examples += [Example("emergency", p) for entry in entries for p in _sentences(entry.phrases)]
    return tuple(examples)


def training_set(
    examples: Sequence[Example], names: Names, keywords: KeywordData | None = None
) -> tuple[Example, ...]:
    """Return `examples` with everything that is added at training time; a text keeps its first intent."""
    known = names.all
    grown = [variant for example in examples for variant in variants(example, known)]
    # An intent without source sentences is told by the talk before it alone: "có rồi", a yes or a paper.
    taught = {example.intent for example in examples}
    phrases = [e for e in (keyword_examples(keywords, known) if keywords else ()) if e.intent in taught]
    twins = [Example(example.intent, fold(example.marked)) for example in phrases]
    by_text: dict[str, Example] = {}
    for example in (*grown, *phrases, *twins, *bare_names(names.lay)):
        by_text.setdefault(example.text.lower(), example)
    return tuple(by_text.values())


def write_rasa(path: Path, examples: Sequence[Example], corpus: Corpus, names: Names) -> None:
    """Write examples, patterns and lookups to `path` as Rasa reads them."""
    by_intent: dict[str, list[str]] = {}
    for example in examples:
        by_intent.setdefault(example.intent, []).append(example.marked)
    lookups = dict(corpus.lookups) | {"procedure": names.all}
    nlu = (
        [{"intent": intent, "examples": _lines(texts)} for intent, texts in by_intent.items()]
        + [{"regex": kind, "examples": _lines(texts)} for kind, texts in corpus.patterns]
        + [{"lookup": kind, "examples": _lines(texts)} for kind, texts in lookups.items()]
    )
    content = yaml.dump({"version": "3.1", "nlu": nlu}, Dumper=_DUMPER, allow_unicode=True, width=10_000)
    path.write_text(content, encoding="utf-8")


def _pick(seed: str, names: Sequence[str], count: int) -> list[str]:
    return random.Random(seed).sample(names, min(count, len(names)))


def _sentences(phrases: Sequence[str]) -> list[str]:
    return [phrase for phrase in phrases if not _HOLES & set(phrase)]


def _lines(texts: Sequence[str]) -> str:
    return "".join(f"- {text}\n" for text in texts)
