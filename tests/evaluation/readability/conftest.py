"""The limits as shipped, and small units to hold against them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evaluation.readability.limits import Limits, Rule, read_limits
from evaluation.readability.rules import Rules
from evaluation.readability.texts import Piece, Unit

Broken = Callable[..., list[tuple[Rule, str]]]


@pytest.fixture(scope="session")
def limits() -> Limits:
    return read_limits()


@pytest.fixture
def broken(limits: Limits) -> Broken:
    """Return what texts of one unit break: pairs of rule and finding."""

    def of(
        *texts: str, kind: str = "guides", key: str = "see", titles: tuple[str, ...] = ()
    ) -> list[tuple[Rule, str]]:
        pieces = tuple(Piece(f"steps.{n}.{key}", key, text, titles) for n, text in enumerate(texts))
        return [(v.rule, v.found) for v in Rules(limits).broken(Unit(kind, f"{kind}/test", pieces))]

    return of
