"""Derives the catalogue of facts from the portal's records: `build(source, out)`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from procedures_kb.build.building import BuildReport, build

__all__ = ["BuildReport", "build"]


def __getattr__(name: str) -> object:
    """Import the builder when it is first asked for: who serves needs a small part of this package only."""
    if name in __all__:
        return getattr(import_module("procedures_kb.build.building"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
