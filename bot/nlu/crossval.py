"""Cross-validation by source sentence: all variants of a sentence stand on the same side of a split."""

from __future__ import annotations

import json
import random
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

from bot.nlu.augmentation import Names, training_set, write_rasa
from bot.nlu.corpus import Corpus, Example, load_corpus, load_lay_names
from bot.nlu.keyword_data import KeywordData, load_data
from bot.nlu.project import NluError, Project
from bot.nlu.training import DATA_FILE, KEYWORDS
from vietnamese import expand, fold, normalise, syllables

FOLDS = 5
_SEED = 42
_SLOT = re.compile(r"\[[^\]]+\]\(\w+\)")


@dataclass(frozen=True, slots=True)
class Judged:
    """One held-out sentence and what the model said of it."""

    text: str
    wanted: str
    got: str
    confidence: float


@dataclass(frozen=True, slots=True)
class IntentScore:
    """Precision, recall and F1 of one intent, with the number of its sentences.

    `from_97` and `from_90`: the confidences from which what is taken for this intent is right that often, in
    per cent; None where no confidence is enough.
    """

    intent: str
    precision: float
    recall: float
    f1: float
    sentences: int
    from_97: float | None = None
    from_90: float | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores in [0, 1] over all folds, and the confusions, most frequent first: (wanted, got, how often)."""

    accuracy: float
    macro_f1: float
    intents: tuple[IntentScore, ...]
    confusions: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The same held-out sentences as written and with their accents taken away; see `split` for `strict`."""

    folds: int
    sentences: int
    with_accents: Scores
    without_accents: Scores
    errors: tuple[Judged, ...]
    strict: bool = False


def cross_validate(
    folds: int = FOLDS, config: Path | None = None, project: Project | None = None, strict: bool = False
) -> Report:
    """Train and test `folds` times; takes a few minutes a fold.

    Raises NluError where Rasa's environment is missing or the run fails.
    """
    project = project or Project.here()
    python = project.require_python()
    corpus = load_corpus(project)
    lay_names = load_lay_names(project)
    with tempfile.TemporaryDirectory(prefix="troly-folds-") as folder:
        work = Path(folder)
        tests = _write_folds(work, corpus, lay_names, folds, strict)
        script = [str(python), "predict_folds.py", str(config or project.rasa / "config.yml"), str(work)]
        done = subprocess.run(  # noqa: S603
            [*script, str(work / "said.json")], cwd=project.rasa, env=project.environment(), check=False
        )
        if done.returncode != 0:
            raise NluError(f"cross-validation failed (exit {done.returncode}); its own message stands above")
        said = json.loads((work / "said.json").read_text(encoding="utf-8"))
    return _report(folds, tests, said, strict)


def write_report(report: Report, path: Path) -> None:
    """Write `report` as JSON to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def score(judged: Sequence[Judged]) -> Scores:
    """Return the scores of what was judged."""
    pairs = Counter((one.wanted, one.got) for one in judged)
    wanted = Counter(one.wanted for one in judged)
    got = Counter(one.got for one in judged)
    intents = []
    for intent, sentences in sorted(wanted.items()):
        right = pairs[intent, intent]
        precision = right / got[intent] if got[intent] else 0.0
        recall = right / sentences
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0
        intents.append(
            IntentScore(
                intent,
                round(precision, 4),
                round(recall, 4),
                round(f1, 4),
                sentences,
                trusted_from(judged, intent, 0.97),
                trusted_from(judged, intent, 0.9),
            )
        )
    wrong = ((w, g, n) for (w, g), n in pairs.most_common() if w != g)
    return Scores(
        accuracy=round(sum(one.wanted == one.got for one in judged) / max(1, len(judged)), 4),
        macro_f1=round(sum(one.f1 for one in intents) / max(1, len(intents)), 4),
        intents=tuple(intents),
        confusions=tuple(wrong),
    )


def trusted_from(judged: Sequence[Judged], intent: str, precision: float) -> float | None:
    """Return the least confidence from which `intent` is right at least that often; None where there is none.

    >>> trusted_from([Judged("", "a", "a", 0.9), Judged("", "b", "a", 0.6)], "a", 0.97)
    0.9
    """
    said = sorted((one for one in judged if one.got == intent), key=lambda one: -one.confidence)
    right, least = 0, None
    for number, one in enumerate(said, start=1):
        right += one.wanted == intent
        following = said[number].confidence if number < len(said) else None
        if right >= precision * number and one.confidence != following:
            least = one.confidence
    return least


def sameness(example: Example) -> str:
    """Return what near-identical sentences share: the folded text, short forms written out, without slots.

    >>> sameness(Example("ask_fee", "Lệ phí [cấp hộ chiếu](procedure)?"))
    'le phi'
    >>> sameness(Example("find_procedure", "[cấp hộ chiếu](procedure)"))
    'cap ho chieu'
    """
    return _plain(_SLOT.sub(" ", example.marked)) or _plain(example.text) or example.text


def split(examples: Sequence[Example], folds: int, strict: bool = False) -> tuple[tuple[Example, ...], ...]:
    """Deal the examples of each intent out over the folds; the same examples give the same folds.

    Sentences that differ by accents, case or short forms go together; where `strict`, also those that differ
    by the procedure named.
    """
    same = _key(strict)
    groups: dict[str, dict[str, list[Example]]] = {}
    for example in examples:
        groups.setdefault(example.intent, {}).setdefault(same(example), []).append(example)
    dealt: list[list[Example]] = [[] for _ in range(folds)]
    for intent in sorted(groups):
        sources = list(groups[intent].values())
        random.Random(f"{_SEED}{intent}").shuffle(sources)
        for number, source in enumerate(sources):
            dealt[number % folds] += source
    return tuple(tuple(part) for part in dealt)


@dataclass(frozen=True, slots=True)
class Fold:
    """What is held out, what is trained on, and the procedure names that training may know."""

    held_out: tuple[Example, ...]
    train: tuple[Example, ...]
    names: Names


def folds_of(
    examples: Sequence[Example],
    lay_names: tuple[str, ...],
    keywords: KeywordData,
    folds: int,
    strict: bool = False,
) -> Iterator[Fold]:
    """Yield the folds one by one.

    The split comes before twins, swaps, phrases and lay names are added; nothing that is the same as a
    held-out sentence (see `split`) is added, and the names marked in held-out sentences stay unknown.
    """
    same = _key(strict)
    parts = split(examples, folds, strict)
    for part in parts:
        rest = [example for other in parts if other is not part for example in other]
        names = Names(tuple(dict.fromkeys(n for e in rest for n in e.names("procedure"))), lay_names)
        held_out = {same(example) for example in part}
        grown = training_set(rest, names, keywords)
        yield Fold(part, tuple(example for example in grown if same(example) not in held_out), names)


def _key(strict: bool) -> Callable[[Example], str]:
    return sameness if strict else lambda example: _plain(example.text) or example.text


@lru_cache(maxsize=100_000)  # a text stands in the training data of four folds of five
def _plain(text: str) -> str:
    return " ".join(fold(unit) for unit in syllables(expand(normalise(text))))


def _write_folds(
    work: Path, corpus: Corpus, lay_names: tuple[str, ...], folds: int, strict: bool
) -> dict[str, tuple[Example, ...]]:
    tests: dict[str, tuple[Example, ...]] = {}
    for number, fold_ in enumerate(folds_of(corpus.examples, lay_names, load_data(KEYWORDS), folds, strict)):
        folder = work / f"fold-{number}" / "train"
        folder.mkdir(parents=True)
        write_rasa(folder / DATA_FILE, fold_.train, corpus, fold_.names)
        part = fold_.held_out
        texts = [example.text for example in part] + [fold(example.text) for example in part]
        (folder.parent / "test.json").write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
        tests[f"fold-{number}"] = part
    return tests


def _report(
    folds: int,
    tests: dict[str, tuple[Example, ...]],
    said: dict[str, list[tuple[str, float]]],
    strict: bool,
) -> Report:
    accented: list[Judged] = []
    bare: list[Judged] = []
    for name, part in tests.items():
        for example, (got, sure) in zip(part, said[name][: len(part)], strict=True):
            accented.append(Judged(example.text, example.intent, got, sure))
        for example, (got, sure) in zip(part, said[name][len(part) :], strict=True):
            bare.append(Judged(fold(example.text), example.intent, got, sure))
    errors = tuple(one for one in (*accented, *bare) if one.wanted != one.got)
    return Report(folds, len(accented), score(accented), score(bare), errors, strict)
