"""The shipped catalogue, and the assistant over it, loaded once for the tests of dialogues."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.dialogue.knowledge import Knowledge
from bot.search.searcher import Searcher
from procedures_kb import lay_names
from procedures_kb.catalogue import Catalogue, load


@pytest.fixture(scope="session")
def shipped_catalogue() -> Catalogue:
    return load()


@pytest.fixture(scope="session")
def shipped_knowledge(shipped_catalogue: Catalogue) -> Knowledge:
    return Knowledge.load(shipped_catalogue)


@pytest.fixture(scope="session")
def shipped_assistant(shipped_catalogue: Catalogue, shipped_knowledge: Knowledge) -> Assistant:
    """The whole assistant without models: keywords and lexical search."""
    names = lay_names.by_family(lay_names.load(), shipped_catalogue)
    search = Searcher.lexical_only(shipped_catalogue, names)
    return Assistant.build(shipped_catalogue, search, None, known=shipped_knowledge)
