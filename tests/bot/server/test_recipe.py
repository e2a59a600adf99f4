"""The real parts: a second start recalls what the first one checked, and answers to the letter alike."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bot.dialogue.state import ConversationState
from bot.messages import Message, Reply
from bot.search.types import Ranking
from bot.server.editions import Shipped
from bot.server.recipe import KEPT, recipe
from bot.settings import Settings
from procedures_kb import lay_names
from procedures_kb.outline import DeferredCatalogue

QUESTIONS = (
    "tôi muốn đăng ký kết hôn",
    "lam giay khai sinh cho con can giay to gi",
    "1.004222",
    "cài vneid thế nào",
    "mẹ tôi mới mất",
    "mất ví rồi",
    "cấp lại",
    "xin visa đi mỹ",
    "xã nào sáp nhập vào phường hạc thành",
    "thời tiết hôm nay",
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def start(cache: Path) -> tuple[list[tuple[Reply, Ranking | None]], Settings]:
    """Make the parts as a start of the server does; return what they answer."""
    settings = Settings(cache=cache, nlu=False, encoder=False)
    parts = recipe(settings, Shipped())
    catalogue = parts.catalogue.load().catalogue
    assert isinstance(catalogue, DeferredCatalogue)
    assistant = parts.assistant(catalogue, parts.lexical(catalogue), None)
    turns = [assistant.reply(ConversationState(), Message(question)) for question in QUESTIONS]
    return [(turn.reply, turn.ranking) for turn in turns], settings


def test_a_second_start_answers_alike_and_makes_nothing_anew(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, settings = start(cache)
    kept = {file: file.stat().st_mtime_ns for file in (settings.cache_dir / KEPT).iterdir()}
    assert len(kept) >= 5
    monkeypatch.setattr(lay_names, "read", None)  # whoever reads lay names again fails
    second, _ = start(cache)
    assert second == first
    assert {file: file.stat().st_mtime_ns for file in (settings.cache_dir / KEPT).iterdir()} == kept


def test_nothing_heavy_stands_in_the_way_of_the_first_answer(cache: Path) -> None:
    heavy = ("torch", "sentence_transformers", "faiss", "underthesea", "alembic", "sklearn", "pybreaker")
    code = f"""
import sys
from pathlib import Path
import bot.server.app
from tests.bot.server.test_recipe import start
start(Path({str(cache)!r}))
print([name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "[]", done.stderr[-500:]
