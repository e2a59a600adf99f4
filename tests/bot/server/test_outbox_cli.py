"""`troly outbox …` on a real database: what could not be sent is listed without words, and sent again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from bot import cli
from bot.dialogue.state import ConversationState
from bot.server.delivery import Stores
from bot.settings import Settings
from bot.storage.database import open_database
from bot.storage.inbox import Answer, Incoming
from bot.storage.models import OutboxRow

SECRET = "s" * 40
WORDS = "Lệ phí là 8.000 đồng"
PERSON = "person-0912345678"
REASON = "Refused: zalo_oa -230: outside the time window for replies"
runner = CliRunner()


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    monkeypatch.chdir(tmp_path)
    for field in Settings.model_fields:
        monkeypatch.delenv(f"TROLY_{field.upper()}", raising=False)
    address = f"sqlite:///{tmp_path}/troly.db"
    monkeypatch.setenv("TROLY_DATABASE_URL", address)
    monkeypatch.setenv("TROLY_SECRET_KEY", SECRET)
    return Stores.of(open_database(address), SECRET.encode(), Settings())


def run(*arguments: str) -> Result:
    result = runner.invoke(cli.app, ["outbox", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    for hidden in (WORDS, PERSON, SECRET):
        assert hidden not in result.output
    return result


def answered(stores: Stores, channel: str, number: int) -> int:
    """Let the answer to one message wait; return its id."""
    person = f"{PERSON}-{number}"
    one = Incoming(f"u{number}", f"c{number}", "message", person, person, None, None, datetime.now(UTC))
    stores.inbox.accept(channel, [one])
    claimed = stores.inbox.claim("w", 30)
    assert claimed is not None
    (part,) = stores.inbox.finish(claimed, Answer(ConversationState(), ({"text": WORDS},)))
    return part


def died(stores: Stores, channel: str, number: int) -> int:
    """Let a part die; return its id."""
    part = answered(stores, channel, number)
    held = stores.outbox.claim(channel, "s", 30)
    assert held is not None
    stores.outbox.died(held, "s", REASON)
    return part


def silenced(stores: Stores) -> None:
    """Let the words of all dead parts be deleted."""
    later = datetime.now(UTC) + timedelta(seconds=1)
    stores.outbox.forget(later, later - timedelta(days=1))


def listed(*arguments: str) -> list[dict[str, Any]]:
    found = json.loads(run("list", "--json", *arguments).output)
    assert isinstance(found, list)
    return found


def test_nothing_to_list(stores: Stores) -> None:
    result = run("list")
    assert (result.exit_code, result.output.startswith("nothing")) == (0, True)
    assert listed() == []


def test_what_could_not_be_sent_is_listed_the_latest_first(stores: Stores) -> None:
    first, second = died(stores, "zalo_oa", 1), died(stores, "telegram", 2)
    assert [line["id"] for line in listed()] == [second, first]
    line = listed("--channel", "zalo-oa")[0]
    failed, until = (datetime.fromisoformat(line[name]) for name in ("failed_at", "until"))
    assert (line["channel"], line["attempts"], line["why"]) == ("zalo_oa", 1, REASON)
    assert until - failed == timedelta(hours=72)
    assert line["can_be_sent_again"] is True
    shown = run("list", "--limit", "1").output
    assert "telegram" in shown and "zalo_oa │" not in shown
    assert "1 more" in shown and "2 could not be sent, 2 can be sent again" in shown


def test_an_unknown_channel_is_refused(stores: Stores) -> None:
    result = run("list", "--channel", "viber")
    assert result.exit_code == 2
    assert "zalo_bot" in result.output


def test_named_parts_are_sent_again(stores: Stores) -> None:
    first, second = died(stores, "zalo_oa", 1), died(stores, "zalo_oa", 2)
    result = run("replay", str(first), "999")
    assert result.exit_code == 0
    assert "1 put back" in result.output and "999: not in the list" in result.output
    assert [line["id"] for line in listed()] == [second]
    again = stores.outbox.claim("zalo_oa", "s", 30)
    assert again is not None
    assert (again.id, again.body, again.attempts, again.chat) == (first, {"text": WORDS}, 1, f"{PERSON}-1")


def test_all_that_can_be_is_sent_again(stores: Stores) -> None:
    silent = died(stores, "zalo_oa", 1)
    silenced(stores)
    died(stores, "telegram", 2)
    assert "1 put back" in run("replay", "--all").output
    (left,) = listed()
    assert (left["id"], left["can_be_sent_again"], left["until"]) == (silent, False, None)


def test_what_has_no_words_any_more_cannot_be_sent_again(stores: Stores) -> None:
    part = died(stores, "zalo_oa", 1)
    silenced(stores)
    for arguments in ([str(part)], ["--all"]):
        result = run("replay", *arguments)
        assert result.exit_code == 1
        assert "nothing was put back" in result.output
    assert "its words were deleted" in run("replay", str(part)).output


def test_all_of_nothing_is_no_failure(stores: Stores) -> None:
    assert run("replay", "--all").exit_code == 0


@pytest.mark.parametrize("arguments", [[], ["1", "--all"]])
def test_replay_wants_ids_or_all(stores: Stores, arguments: list[str]) -> None:
    assert run("replay", *arguments).exit_code == 2


def test_counts(stores: Stores) -> None:
    died(stores, "zalo_oa", 1)
    part = answered(stores, "telegram", 2)
    with open_database(Settings().database_url).begin() as connection:
        connection.execute(update(OutboxRow).where(OutboxRow.id == part).values(resent=2))
    counts = {"waiting": 1, "sending": 0, "sent": 0, "dead": 1, "resent": 2}
    assert json.loads(run("counts", "--json").output) == counts
    assert "1 dead (could not be sent)" in run("counts").output


def test_a_database_that_cannot_be_opened(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TROLY_DATABASE_URL", "nothing")
    result = run("list")
    assert result.exit_code == 1
    assert "TROLY_DATABASE_URL" in result.output
