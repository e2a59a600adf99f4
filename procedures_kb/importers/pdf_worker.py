"""Reads the pages of one PDF in a process of its own, with limits on memory and time: a bomb ends only this.

`python -m procedures_kb.importers.pdf_worker FILE` writes one JSON object: `{created, items}` or `{problem}`.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

MAX_MEMORY = 640 * 1024 * 1024
MAX_SECONDS = 60
MAX_PAGES = 100
"""The longest genuine file has 11 pages, takes 1 to 3 seconds and is read with 320 MB of address space."""


def main(file: Path) -> dict[str, object]:
    """Return what stands on the pages of `file`, or the problem that keeps it from being read."""
    from pdfminer import settings

    settings.STRICT = True  # else the half of a damaged page that can be unpacked passes for the whole one
    from procedures_kb.importers.pdf_layout import TooManyPages, pages_of  # only under the limits

    try:
        created, items = pages_of(file, MAX_PAGES)
    except TooManyPages as error:
        return {"problem": f"is a PDF of {error} pages; the limit is {MAX_PAGES}: one procedure a file"}
    except Exception as error:  # the parser stumbles in many ways over a damaged file
        return {"problem": _problem(error)}
    return {"created": created, "items": [asdict(item) for item in items]}


def _problem(error: BaseException) -> str:
    chain = list(_chain(error))
    if any(isinstance(one, MemoryError) for one in chain):
        return "is a PDF that unpacks to more than memory allows (a bomb): not opened"
    if any("Password" in type(one).__name__ or "Encryption" in type(one).__name__ for one in chain):
        return "is a PDF protected by a password; save it without one"
    return f"is a PDF that cannot be read ({type(error).__name__}): export it again"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield `error` and what it came from; pdfplumber puts the first cause into its own error's arguments."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, *one.args]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_SECONDS, MAX_SECONDS))
    json.dump(main(Path(sys.argv[1])), sys.stdout, ensure_ascii=True)
