"""What search makes of a catalogue before the first question, kept from an earlier start where it is known.

Kept are plain lists (`procedures_kb.kept`), under the digest of the records, the lay names, the data and the
code that read them. Only a catalogue whose lines were checked before has such a digest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, cast

from bot.search.corpus import Corpus, FamilyText
from bot.search.exact import ExactNames
from bot.search.lexical import LexicalIndex, LexicalWeights
from bot.search.lexical_cache import load_or_build
from bot.search.marks import FamilyMarks, TitleMarks
from bot.search.spelling import Spelling
from procedures_kb import kept
from procedures_kb.catalogue import Catalogue
from procedures_kb.outline import DeferredCatalogue

NAME = "search"
_HERE = Path(__file__).parent
_Family = tuple[str, list[str], list[str], list[str], list[str], bool, bool]


class _Kept(TypedDict):
    """Families as in FamilyText without facts; exact names with the places of their families; and so on."""

    digest: str
    families: list[_Family]
    names: dict[str, list[int]]
    titles: list[str]
    marks: list[tuple[list[int], bool]]
    words: list[str]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The parts of a searcher that a catalogue and its lay names give."""

    corpus: Corpus
    lexical: LexicalIndex
    exact: ExactNames
    marks: FamilyMarks
    spelling: Spelling


def prepare(
    catalogue: Catalogue,
    lay_names: Mapping[str, tuple[str, ...]],
    weights: LexicalWeights,
    cache: Path | None = None,
) -> Prepared:
    """Make the parts, or read them again; `cache` is the folder of the lexical index."""
    key = _key(catalogue, lay_names)
    found = None if key is None else kept.read(NAME, key)
    if found is not None:
        return _recalled(cast("_Kept", found), weights, cache)
    corpus = Corpus.of(catalogue, lay_names)
    lexical = load_or_build(corpus, weights, cache)
    made = Prepared(
        corpus, lexical, ExactNames.of(corpus), FamilyMarks.of(corpus), Spelling.of(lexical.titles)
    )
    if key is not None:
        kept.write(NAME, key, _plain(made))
    return made


def _key(catalogue: Catalogue, lay_names: Mapping[str, tuple[str, ...]]) -> str | None:
    if not isinstance(catalogue, DeferredCatalogue) or kept.folder() is None:
        return None
    code = kept.code_digest(*_HERE.glob("*.py"), *_HERE.glob("*.yaml"), *_HERE.glob("data/*.yaml"))
    said = ("\x1f".join((family, *names)).encode() for family, names in lay_names.items())
    return kept.digest((code.encode(), catalogue.digest.encode(), *said))


def _recalled(held: _Kept, weights: LexicalWeights, cache: Path | None) -> Prepared:
    corpus = Corpus(tuple(_families(held["families"])), held["digest"])
    lexical = load_or_build(corpus, weights, cache)
    names = {name: tuple(places) for name, places in held["names"].items()}
    return Prepared(
        corpus,
        lexical,
        ExactNames(names, frozenset(held["titles"]), corpus.position),
        FamilyMarks.of_titles([TitleMarks(tuple(found), plain) for found, plain in held["marks"]]),
        Spelling(tuple(held["words"]), lexical.titles),
    )


def _families(held: list[_Family]) -> Iterator[FamilyText]:
    for family, codes, titles, lay_names, body, local, citizen in held:
        yield FamilyText(
            family, tuple(codes), tuple(titles), tuple(lay_names), tuple(body), (), local, citizen
        )


def _plain(made: Prepared) -> _Kept:
    return {
        "digest": made.corpus.digest,
        "families": [
            (
                text.family,
                list(text.codes),
                list(text.titles),
                list(text.lay_names),
                list(text.body),
                text.local,
                text.citizen,
            )
            for text in made.corpus.families
        ],
        "names": {name: list(places) for name, places in made.exact.names.items()},
        "titles": sorted(made.exact.titles),
        "marks": [(list(title.found), title.plain) for title in made.marks.titles],
        "words": list(made.spelling.words),
    }
