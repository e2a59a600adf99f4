"""What the parts are made of. Heavy libraries are imported inside, when the part is made and not before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.nlu.understanding import Understander
from bot.search.types import Search
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.dialogue.answers.quoting import Wordings
    from bot.dialogue.knowledge import Knowledge
    from bot.server.conversations import Answering
    from bot.server.editions import CatalogueSource, Served
    from procedures_kb.catalogue import Catalogue

KEPT = "kept"  # the folder, in the cache, of what was read and checked at an earlier start


class Probed(Understander, Protocol):
    """NLU that can be asked whether it is there."""

    def ready(self) -> bool:
        """Return whether it would answer now."""


@dataclass(frozen=True)
class Recipe:
    """How to make each part; None where a setting leaves it out."""

    catalogue: CatalogueSource
    lexical: Callable[[Catalogue], Search]
    hybrid: Callable[[Search], Search] | None
    understander: Callable[[], Probed] | None
    assistant: Callable[[Catalogue, Search, Understander | None], Answering]


def recipe(settings: Settings, catalogue: CatalogueSource, wordings: Wordings | None = None) -> Recipe:
    """Return the real parts as `settings` wants them, with the catalogue and the official wordings given."""
    kept_in = settings.cache_dir / KEPT
    making = _Making(wordings, settings.stale_after_days, kept_in)
    return Recipe(
        catalogue=_Recalled(catalogue, kept_in),
        lexical=lambda catalogue: _lexical(catalogue, settings.cache_dir / "search", kept_in),
        hybrid=(lambda search: _hybrid(search, settings.encoder_model)) if settings.encoder else None,
        understander=(lambda: _understander(settings)) if settings.nlu else None,
        assistant=making.assistant,
    )


@dataclass(frozen=True, slots=True)
class _Recalled:
    """A source whose catalogues need not be checked again where they were at an earlier start."""

    source: CatalogueSource
    kept_in: Path

    def latest(self) -> int:
        return self.source.latest()

    def load(self) -> Served:
        from procedures_kb.kept import keeping

        with keeping(self.kept_in):
            return self.source.load()


def _lexical(catalogue: Catalogue, cache: Path, kept_in: Path) -> Search:
    from bot.search.searcher import Searcher
    from procedures_kb import lay_names
    from procedures_kb.kept import keeping
    from procedures_kb.yaml_files import packed

    with keeping(kept_in):
        names = lay_names.by_family(lay_names.load(), catalogue)
        with packed("yaml_search"):
            return Searcher.lexical_only(catalogue, names, cache)


def _hybrid(search: Search, model: str | None) -> Search:
    from bot.search.encoder import load_encoder
    from bot.search.searcher import Searcher

    if not isinstance(search, Searcher):
        raise TypeError(f"only a Searcher takes an encoder, not a {type(search).__name__}")
    return search.with_encoder(load_encoder(model))


def _understander(settings: Settings) -> Probed:
    from bot.nlu.client import RasaClient

    return RasaClient(settings.rasa_url, settings.rasa_timeout)


@dataclass
class _Making:
    """Makes assistants; the reviewed data files are read for the first one only."""

    wordings: Wordings | None
    stale_after_days: int
    kept_in: Path
    known: Knowledge | None = None

    def assistant(self, catalogue: Catalogue, search: Search, understander: Understander | None) -> Answering:
        from bot.assistant import Assistant

        with self._kept():
            made = Assistant.build(
                catalogue,
                search,
                understander,
                wordings=self.wordings,
                stale_after_days=self.stale_after_days,
                known=self.known,
            )
        self.known = made.reader.known
        return made

    @contextmanager
    def _kept(self) -> Iterator[None]:
        from procedures_kb.kept import keeping
        from procedures_kb.yaml_files import packed

        if self.known is not None:
            yield
            return
        with keeping(self.kept_in), packed("yaml"):
            yield


def files_digest(folder: Path) -> str:
    """Return 12 hexadecimal digits that change with the name or content of any file in `folder`."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.jsonl")):
        digest.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]
