"""The operator's texts, and the addresses that a test message may go to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from typer.main import get_command

from bot.server.connect_cli import app
from bot.server.connecting.words import Both, Words, load_words, places
from bot.server.delivery import Stores
from bot.settings import Settings
from bot.storage.addresses import SqlAddresses
from bot.storage.database import open_database
from bot.storage.inbox import Incoming
from bot.storage.sealing import Seal, Unsealable

DOCS = Path(__file__).parents[4] / "docs" / "channels"


def test_every_text_names_the_same_in_both_languages() -> None:
    words = load_words()
    for name, text in words:
        if isinstance(text, Both):
            assert places(text.vi) <= places(text.en), name
    with pytest.raises(ValidationError, match="places"):
        Words.model_validate({**words.model_dump(), "done": {"vi": "{a}", "en": "b"}})


def test_the_newest_address(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/a.db")
    kept = Stores.of(engine, b"k" * 32, Settings(_env_file=None))
    addresses = SqlAddresses(engine, Seal(b"k" * 32, "delivery"))
    start = datetime.now(UTC) - timedelta(minutes=1)
    assert addresses.newest("telegram", start) is None
    for number, happened in (("1", "message"), ("2", "message"), ("3", "left")):
        # The vendor's clock is an hour behind ours.
        at = datetime.now(UTC) - timedelta(hours=1)
        one = Incoming(f"u{number}", f"c{number}", happened, number, f"chat{number}", None, None, at)
        kept.inbox.accept("telegram", [one])
    assert addresses.newest("telegram", start) == "chat2"
    assert addresses.newest("zalo_oa", start) is None
    assert addresses.newest("telegram", datetime.now(UTC) + timedelta(seconds=1)) is None
    with pytest.raises(Unsealable):
        SqlAddresses(engine, Seal(b"x" * 32, "delivery")).newest("telegram", start)


@pytest.mark.parametrize("command", ["zalo-bot", "telegram", "zalo-oa"])
def test_the_page_of_a_channel_names_every_option_and_setting(command: str) -> None:
    page = (DOCS / f"{command}.md").read_text("utf-8")
    help_ = get_command(app).commands[command]  # type: ignore[attr-defined]
    options = {name for option in help_.params for name in (*option.opts, *option.secondary_opts)}
    for name in options - {"--test", "--help"}:
        assert f"`{name}" in page, name
    for field in Settings.model_fields:
        if field.startswith(command.replace("-", "_")):
            assert f"TROLY_{field.upper()}" in page, field
