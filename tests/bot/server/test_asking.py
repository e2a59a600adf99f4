"""`troly ask`: the answer with its source, masked like any message, and nothing kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.server.asking import ask_once, outcome_json
from bot.server.wiring import wire
from bot.settings import Settings
from bot.storage.database import open_database
from bot.storage.models import ConversationRow
from tests.bot.server.conftest import CODE, SECRET


def settings(folder: Path) -> Settings:
    return Settings(
        _env_file=None, var=folder, secret_key=SECRET, database_url=f"sqlite:///{folder}/troly.db"
    )


def test_the_answer_comes_with_source_and_day(tmp_path: Path, fakes: Any) -> None:
    mine = settings(tmp_path)
    outcome = ask_once(mine, "khai sinh, cccd 038095001234", wire(mine, fakes.recipe))
    assert outcome is not None
    told = json.loads(outcome_json(outcome))
    assert told["action"] == "answer"
    assert told["sources"] == [
        {
            "code": CODE,
            "name": "Đăng ký khai sinh",
            "url": "https://dichvucong.gov.vn/x",
            "retrieved": "2025-11-01",
        }
    ]
    assert "038095001234" not in fakes.assistant.seen[0].text


def test_nothing_is_kept(tmp_path: Path, fakes: Any) -> None:
    mine = settings(tmp_path)
    ask_once(mine, "khai sinh", wire(mine, fakes.recipe))
    with open_database(mine.database_url).connect() as connection:
        assert connection.execute(select(func.count()).select_from(ConversationRow)).scalar() == 0


def test_without_a_catalogue_there_is_no_answer(tmp_path: Path, fakes: Any) -> None:
    def broken() -> Any:
        raise FileNotFoundError("no catalogue file")

    fakes.source.load = broken
    mine = settings(tmp_path)
    assert ask_once(mine, "khai sinh", wire(mine, fakes.recipe)) is None
