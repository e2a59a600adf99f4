"""The committed catalogue is what the rules derive: a sample is derived again where the sources are."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from procedures_kb.build.reading import read_sources
from procedures_kb.build.records import record_of
from procedures_kb.catalogue import load
from procedures_kb.model import Flag

SHARED = Path(os.environ.get("TROLY_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "catalogue"
SETTLED_LATER = {"short_name", "family", "flags", "ministry"}  # these need the whole catalogue


@pytest.mark.data
@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no source records at {SHARED}: set TROLY_SHARED")
def test_a_sample_of_records_is_what_the_rules_derive() -> None:
    sources = read_sources(SHARED)
    catalogue = load()
    codes = sorted({*sources.merged, *sources.extra, *sources.listed})
    assert codes == sorted(catalogue.by_code)
    for code in random.Random(20261122).sample(codes, 60):
        fresh = record_of(code, sources.merged.get(code), sources.extra.get(code), sources.listed.get(code))
        committed = catalogue.by_code[code]
        assert fresh.model_dump(exclude=SETTLED_LATER) == committed.model_dump(exclude=SETTLED_LATER), code
        assert set(committed.flags) - {Flag.LEVEL_TWIN} == set(fresh.flags), code
