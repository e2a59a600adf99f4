"""Derives the catalogue of facts from the portal's records: `build(source, out)`."""

from procedures_kb.build.building import BuildReport, build

__all__ = ["BuildReport", "build"]
