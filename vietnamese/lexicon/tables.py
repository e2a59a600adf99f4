"""Reading the lexicon's tables: tab-separated, "#" for comments, the first line names the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

_FOLDER = Path(__file__).parent


class BrokenTable(ValueError):
    """A line of the lexicon cannot be used; the message names the file and the line to repair."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")


def rows(file: str, columns: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield (line number, cells) of each row of `file`; a cell may be empty.

    Raises BrokenTable where the columns are not `columns` or a row has another number of cells.
    """
    with (_FOLDER / file).open(encoding="utf-8", newline="") as lines:
        numbered = [(n, line) for n, line in enumerate(lines, start=1) if line.strip() and line[0] != "#"]
    reader = csv.reader((line for _, line in numbered), delimiter="\t", quoting=csv.QUOTE_NONE)
    for (number, _), cells in zip(numbered, reader, strict=True):
        if len(cells) != len(columns):
            raise BrokenTable(file, number, f"{len(cells)} cells, not {len(columns)}")
        if number == numbered[0][0]:
            if tuple(cells) != columns:
                raise BrokenTable(file, number, f"the columns are {', '.join(columns)}")
            continue
        yield number, tuple(cell.strip() for cell in cells)
