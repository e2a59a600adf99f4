"""The ten things that may be asked of a procedure."""

from __future__ import annotations

from enum import StrEnum


class Aspect(StrEnum):
    """What may be asked of a procedure."""

    DOCUMENTS = "documents"
    FEE = "fee"
    TIME = "time"
    PLACE = "place"
    ONLINE = "online"
    FORM = "form"
    RESULT = "result"
    CONDITIONS = "conditions"
    LEGAL_BASIS = "legal_basis"
    STEPS = "steps"
