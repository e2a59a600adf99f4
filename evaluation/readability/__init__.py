"""Holds every sentence that citizens read against the limits of `limits.yaml` (docs/readability.md)."""
