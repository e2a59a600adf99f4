"""The assistant under test, put together from its parts as the server does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.nlu.understanding import Understander
from bot.search.types import Search
from evaluation.nlu import TIMEOUT_S as RASA_TIMEOUT_S
from evaluation.nlu import Client, Launch, Nlu, NluUnavailable, free_port, nlu
from evaluation.report import digest
from evaluation.subject import Assistant, Mask
from procedures_kb.catalogue import Catalogue

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class System:
    """Everything that a measurement uses."""

    catalogue: Catalogue
    search: Search
    dense: bool
    search_note: str
    assistant: Assistant
    mask: Mask
    nlu: Nlu


@contextmanager
def system(nlu_option: str, dense: bool = True, progress: Progress = lambda _: None) -> Iterator[System]:
    """Give the assistant of this working tree, with NLU as `nlu_option` says (see `evaluation.nlu.nlu`)."""
    from bot.settings import Settings

    settings = Settings()
    progress("loading the catalogue")
    catalogue = load_catalogue()
    search, note = build_search(catalogue, dense, progress)
    progress(f"NLU: {nlu_option}")
    with nlu(nlu_option, str(settings.rasa_url), connect, launch) as understanding:
        assistant = build_assistant(catalogue, search, understanding.witness)
        yield System(catalogue, search, dense, note, assistant, mask_text, understanding)


def load_catalogue() -> Catalogue:
    """Read the shipped catalogue."""
    from procedures_kb import catalogue

    return catalogue.load()


def build_search(catalogue: Catalogue, dense: bool, progress: Progress) -> tuple[Search, str]:
    """Return search over `catalogue`, and a word on which halves and model take part."""
    from bot.search.encoder import load_encoder
    from bot.search.searcher import Searcher
    from bot.settings import Settings
    from procedures_kb import lay_names

    settings = Settings()
    progress("building lexical search")
    names = lay_names.by_family(lay_names.load(), catalogue)
    lexical = Searcher.lexical_only(catalogue, names, settings.cache_dir / "search")
    if not dense:
        return lexical, f"lexical only, as asked; lay names for {len(names)} families"
    progress("loading the search model")
    encoder = load_encoder(settings.encoder_model)
    note = f"lexical and dense (model: {encoder.name}); lay names for {len(names)} families"
    return lexical.with_encoder(encoder), note


def build_assistant(catalogue: Catalogue, search: Search, understander: Understander | None) -> Assistant:
    """Return the assistant over these parts."""
    from bot.assistant import Assistant as Real

    return Real.build(catalogue, search, understander)


def mask_text(text: str) -> str:
    """Return `text` with personal data masked, as the server does before anything else."""
    from bot.privacy import mask

    return mask(text).text


def connect(url: str) -> Client:
    """Return a client of the Rasa server at `url`."""
    from bot.nlu.client import RasaClient

    return RasaClient(url, RASA_TIMEOUT_S)


def launch() -> Launch | None:
    """Return how to start Rasa on a free port; None where its environment is not installed.

    Trains the model first where the cache has none. Raises NluUnavailable where that fails.
    """
    from bot.nlu.project import NluError, Project
    from bot.nlu.serving import serving
    from bot.nlu.training import model_path

    try:
        if not Project.here().python.is_file():
            return None
        if not model_path().exists():
            _train_nlu()
        plan = serving(free_port())
    except NluError as error:
        raise NluUnavailable(str(error)) from error
    return Launch(plan.command, plan.environment, plan.url, plan.folder)


def _train_nlu() -> None:
    # In a process of its own: Rasa writes to standard output, where ours may be JSON.
    command = [sys.executable, "-c", "from bot.cli import app; app()", "nlu", "train"]
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode:  # noqa: S603 - our own program
        raise NluUnavailable("the NLU model cannot be trained: `troly nlu train` shows why")


def digest_of(catalogue: Catalogue) -> str:
    """Return twelve digits that name this content of the catalogue."""
    return digest("\n".join(procedure.model_dump_json() for procedure in catalogue).encode())
