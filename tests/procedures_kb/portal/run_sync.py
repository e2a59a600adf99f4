"""One sync in a process of its own, to be killed: URL FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from procedures_kb.portal import PortalClient, PortalStore, sync
from tests.procedures_kb.portal.helpers import NOW, quick


def main() -> None:
    """Sync; the report's counts go to standard output."""
    url, folder = sys.argv[1:]
    with PortalClient(quick(url)) as client, PortalStore(Path(folder)) as store:
        report = sync(client, store, now=lambda: NOW)
    sys.stdout.write(f"{report.listed} {len(report.fetched)} {report.unchanged} {len(report.failed)}\n")


if __name__ == "__main__":
    main()
