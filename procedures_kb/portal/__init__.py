"""`troly kb sync`: keep a folder of the national portal's public answers up to date, politely."""

from procedures_kb.portal.client import (
    PortalBroken,
    PortalClient,
    PortalError,
    PortalRefused,
    PortalUnreachable,
)
from procedures_kb.portal.settings import PortalSettings
from procedures_kb.portal.store import BrokenStore, Entry, PortalStore, StoreBusy
from procedures_kb.portal.sync import Failure, Progress, SyncReport, SyncStopped, sync

__all__ = [
    "BrokenStore",
    "Entry",
    "Failure",
    "PortalBroken",
    "PortalClient",
    "PortalError",
    "PortalRefused",
    "PortalSettings",
    "PortalStore",
    "PortalUnreachable",
    "Progress",
    "StoreBusy",
    "SyncReport",
    "SyncStopped",
    "sync",
]
