"""Quick settings, one moment, how a folder looks; with few imports, as a killed process starts with it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from procedures_kb.portal import PortalSettings

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def quick(url: str, **values: Any) -> PortalSettings:
    """Settings that wait for nothing."""
    plain = {"base_url": url, "page_size": 5, "requests_per_second": 1000, "use_system_proxy": False}
    return PortalSettings.model_validate({**plain, **values})


def snapshot(folder: Path) -> dict[str, object]:
    """All that a sync leaves: the details' bytes and the index's rows."""
    found: dict[str, object] = {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith(("index.sqlite", "sync.lock"))
    }
    db = sqlite3.connect(folder / "index.sqlite")
    found["index"] = list(db.iterdump())
    db.close()
    return found
