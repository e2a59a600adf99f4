"""The composition root: brings the parts up one after the other while the server already answers.

Catalogue and lexical search first (seconds): nothing else is imported or loaded until they answer. Then the
search model, and beside it NLU, which is probed for as long as the server runs. Then it looks for newer
versions of the catalogue: each is built aside and replaces the one that serves by one assignment; one that
cannot be built changes nothing (DESIGN, decision 5).
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.nlu.understanding import Understander, Understanding
from bot.search.types import Search
from bot.server.board import Board, Part, State
from bot.server.editions import Served
from bot.server.recipe import Probed, Recipe
from connectors.contract import Source

if TYPE_CHECKING:
    from bot.server.conversations import Answering

logger = logging.getLogger(__name__)
PATIENCE_S = 15.0
PROBE_S = 2.0
SETTLE_S = 0.3  # who waited for the first answers gets them before a model is loaded beside them
NLU_GRACE_S = 180.0  # Rasa loads for a minute or more: until then it is loading, not down


class PartsFailed(RuntimeError):
    """The catalogue or lexical search cannot be had, so nothing can answer; health names the reason."""


@dataclass
class WatchedUnderstander:
    """Asks NLU only while the last probe found it, so that a dead Rasa costs a turn no time.

    `inner` is None until its client is made.
    """

    inner: Probed | None = None
    up: bool = False

    def understand(self, text: str) -> Understanding | None:
        """Return what NLU says; None while it is not there."""
        return self.inner.understand(text) if self.inner is not None and self.up else None


@dataclass(frozen=True, slots=True)
class Serving:
    """An assistant with the catalogue that it answers from: what one turn pins."""

    assistant: Answering
    served: Served

    def source(self, code: str) -> Source | None:
        """Return where the record of `code` comes from; None for a code that the catalogue has not."""
        procedure = self.served.catalogue.by_code.get(code)
        if procedure is None:
            return None
        return Source(code, procedure.name, procedure.source.url, procedure.source.retrieved.isoformat())


class LiveParts:
    """The parts of a running server. `start` returns at once; `stop` ends its threads."""

    def __init__(
        self, recipe: Recipe, board: Board, *, patience: float = PATIENCE_S, probe: float = PROBE_S
    ) -> None:
        self._recipe = recipe
        self._board = board
        self._patience = patience
        self._probe_s = probe
        self._serving: Serving | None = None
        self._tried: int | None = None  # the newest version that a build was begun for
        self._nlu: WatchedUnderstander | None = None
        self._answering = threading.Event()  # set once there is an assistant, or there will be none
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to load in the background."""
        if self._recipe.understander is None:
            self._board.set(Part.NLU, State.OFF, "TROLY_NLU is off")
        else:
            self._nlu = WatchedUnderstander()
        work = [self._load] if self._nlu is None else [self._load, self._watch_nlu]
        self._threads = [threading.Thread(target=w, name=w.__name__, daemon=True) for w in work]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the background work; what is loading is left to end with the process."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=1)

    def serving(self) -> Serving | None:
        """Return the best that can answer, waiting for the first one; None where it takes too long.

        Raises PartsFailed where there will be none.
        """
        self._answering.wait(self._patience)
        if self._serving is None and self._answering.is_set():
            raise PartsFailed("the catalogue or lexical search could not be loaded")
        return self._serving

    def wait(self, timeout: float) -> bool:
        """Wait until something can answer; return whether it can."""
        return self._answering.wait(timeout) and self._serving is not None

    def _load(self) -> None:
        # Millions of objects are made that stay for ever: looking through them again and again for garbage
        # would take a quarter of the loading time, and some milliseconds of turns later on.
        gc.disable()
        part = Part.CATALOGUE
        try:
            self._tried = self._recipe.catalogue.latest()
            served = self._recipe.catalogue.load()
            self._tell(served)
            part = Part.LEXICAL
            search = self._recipe.lexical(served.catalogue)
            self._swap(served, search)
            self._board.set(Part.LEXICAL, State.READY)
        except Exception as error:  # the server stays up, so that health can tell what is wrong
            logger.exception("nothing can answer")
            self._board.set(part, State.FAILED, _said(error))
            return
        finally:
            gc.freeze()
            gc.enable()
            self._answering.set()
        self._stopping.wait(SETTLE_S)
        self._load_model(served, search)
        self._watch_catalogue()

    def _tell(self, served: Served, state: State = State.READY, message: str = "") -> None:
        catalogue = served.catalogue
        self._board.set(
            Part.CATALOGUE,
            state,
            message or served.warning,
            version=served.number,
            digest=served.digest,
            procedures=len(catalogue),
            detailed=catalogue.detailed,
            families=len(catalogue.families),
        )

    def _load_model(self, served: Served, search: Search) -> None:
        if self._recipe.hybrid is None:
            self._board.set(Part.MODEL, State.OFF, "TROLY_ENCODER is off")
            return
        try:
            self._swap(served, self._recipe.hybrid(search))
            self._board.set(Part.MODEL, State.READY)
        except Exception as error:  # lexical search carries on alone
            logger.exception("the search model could not be loaded")
            self._board.set(Part.MODEL, State.FAILED, _said(error))

    def _swap(self, served: Served, search: Search) -> None:
        understander: Understander | None = self._nlu
        assistant = self._recipe.assistant(served.catalogue, search, understander)
        self._serving = Serving(assistant, served)

    def _watch_catalogue(self) -> None:
        """Look for a newer version until the server stops; each is tried once."""
        while not self._stopping.wait(self._probe_s):
            latest = self._recipe.catalogue.latest()
            if latest in (self._tried, 0):
                continue
            self._tried = latest
            try:
                self._renew()
            except Exception as error:  # the version that serves goes on serving
                logger.exception("version %d of the catalogue cannot be served", latest)
                reason = f"version {latest} cannot be served: {_said(error)}; the one before goes on"
                if self._serving is not None:
                    self._tell(self._serving.served, State.DOWN, reason)

    def _renew(self) -> None:
        """Build the newest catalogue with its whole search aside, then put it in the old one's place."""
        served = self._recipe.catalogue.load()
        search = self._recipe.lexical(served.catalogue)
        if self._recipe.hybrid is not None and self._board.statuses()[Part.MODEL].state is State.READY:
            search = self._recipe.hybrid(search)
        self._swap(served, search)
        self._tell(served)
        logger.info("the catalogue is now version %d", served.number)

    def _made_nlu(self) -> bool:
        """Make the client of NLU; return whether there is one."""
        try:
            if self._nlu is not None and self._recipe.understander is not None:
                self._nlu.inner = self._recipe.understander()
                return True
        except Exception as error:  # keywords and search carry on alone
            logger.exception("the NLU client could not be made")
            self._board.set(Part.NLU, State.FAILED, _said(error))
        return False

    def _watch_nlu(self) -> None:
        started = time.monotonic()
        seen = False
        self._answering.wait()
        if not self._made_nlu():
            return
        while not self._stopping.is_set():
            up = self._probe()
            seen = seen or up
            if up:
                self._board.set(Part.NLU, State.READY)
            elif seen or time.monotonic() - started > NLU_GRACE_S:
                self._board.set(Part.NLU, State.DOWN, "Rasa does not answer; keywords and search carry on")
            self._stopping.wait(self._probe_s)

    def _probe(self) -> bool:
        if self._nlu is None or self._nlu.inner is None:
            return False
        try:
            self._nlu.up = self._nlu.inner.ready()
        except Exception:  # a probe that fails in an unforeseen way is a probe that found nothing
            logger.exception("the probe of NLU failed")
            self._nlu.up = False
        return self._nlu.up


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no message'}"[:300]
