"""Draws procedures over fields, levels and kinds; TROLY_SEED draws others."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from random import Random

from procedures_kb.cards import Card
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Detail, FeeStatus, How, Level, OnlineLevel, Procedure

DRAWN = 30
SEED = int(os.environ.get("TROLY_SEED", "2026"))

Wish = Callable[[Procedure], bool]


def drawn(catalogue: Catalogue, cards: Mapping[str, Card], seed: int = SEED) -> tuple[Procedure, ...]:
    """Return DRAWN procedures: something of every kind first, then of fields that are not there yet."""
    pool = [procedure for procedure in catalogue if catalogue.may_serve(procedure.code)]
    Random(seed).shuffle(pool)
    found: dict[str, Procedure] = {}
    for wish in _wishes(cards):
        fields = {procedure.field for procedure in found.values()}
        fitting = [p for p in pool if p.code not in found and wish(p)]
        # A field that is not there yet comes first; sorting keeps the drawn order otherwise.
        for procedure in sorted(fitting, key=lambda p: p.field in fields)[:1]:
            found[procedure.code] = procedure
    for procedure in pool:
        if len(found) < DRAWN and procedure.field not in {p.field for p in found.values()}:
            found[procedure.code] = procedure
    return tuple(found.values())


def _wishes(cards: Mapping[str, Card]) -> list[Wish]:
    def full(procedure: Procedure) -> bool:
        return procedure.detail is Detail.FULL

    wishes: list[Wish] = [lambda p: p.detail is Detail.NAME_ONLY] * 2
    wishes += [_levelled(level) for level in Level]
    wishes += [_online(level) for level in OnlineLevel]
    wishes += [_paying(status) for status in FeeStatus]
    wishes += [lambda p: p.code in cards and len(cards[p.code].cases) > 1] * 3
    wishes += [lambda p: p.code in cards and len(cards[p.code].cases) == 1] * 2
    wishes += [lambda p: full(p) and p.code not in cards and sum(b.case is not None for b in p.documents) > 1]
    wishes += [lambda p: full(p) and p.code not in cards and not p.documents]
    wishes += [lambda p: any(channel.how is How.POST for channel in p.channels)]
    return wishes


def _levelled(level: Level) -> Wish:
    return lambda p: level in p.levels and p.detail is Detail.FULL


def _online(level: OnlineLevel) -> Wish:
    return lambda p: p.online_level is level and p.detail is Detail.FULL


def _paying(status: FeeStatus) -> Wish:
    return lambda p: any(channel.fee_status is status for channel in p.channels)
