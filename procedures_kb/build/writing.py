"""Writes the records: by ministry, sorted, below 2 MB a file, the folder swapped at once."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from procedures_kb.model import Procedure
from vietnamese import fold, syllables

MAX_BYTES = 1_900_000


def write(procedures: Iterable[Procedure], out: Path) -> dict[str, int]:
    """Write `procedures` into `out` and return each file's size in bytes.

    The files are written aside; the folder's old `*.jsonl` are replaced only once all are there.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        sizes = _write_all(procedures, aside)
        _swap(aside, out)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return sizes


def line_of(procedure: Procedure) -> str:
    """Return the record as one JSON line with its keys in the model's order, defaults left out."""
    data = procedure.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n"


def slug(ministry: str) -> str:
    """Return the file name's stem of a ministry ("Bộ Tư pháp" → "bo-tu-phap")."""
    return "-".join(syllables(fold(ministry)))


def _write_all(procedures: Iterable[Procedure], folder: Path) -> dict[str, int]:
    by_ministry: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in procedures:
        by_ministry[slug(procedure.ministry)].append(procedure)
    folder.chmod(0o755)  # mkdtemp makes it private
    sizes: dict[str, int] = {}
    for name, members in sorted(by_ministry.items()):
        for number, lines in enumerate(_chunks(sorted(members, key=lambda p: p.code)), start=1):
            file = folder / f"{name}-{number}.jsonl"
            file.write_text("".join(lines), encoding="utf-8")
            sizes[file.name] = file.stat().st_size
    return sizes


def _chunks(members: list[Procedure]) -> Iterable[list[str]]:
    lines: list[str] = []
    size = 0
    for procedure in members:
        line = line_of(procedure)
        bytes_of = len(line.encode())
        if lines and size + bytes_of > MAX_BYTES:
            yield lines
            lines, size = [], 0
        lines.append(line)
        size += bytes_of
    if lines:
        yield lines


def _swap(aside: Path, out: Path) -> None:
    """Put the new folder in the old one's place; a crash in between leaves the old one beside."""
    if not out.exists():
        aside.replace(out)
        return
    for kept in out.iterdir():
        if kept.suffix != ".jsonl":
            shutil.copy2(kept, aside / kept.name) if kept.is_file() else shutil.copytree(
                kept, aside / kept.name
            )
    old = out.with_name(f".{out.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    out.replace(old)
    aside.replace(out)
    shutil.rmtree(old, ignore_errors=True)
