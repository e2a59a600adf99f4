"""What is written right stays right: nothing of our own data is read as a slip of the keyboard."""

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from vietnamese import explain, fold, is_syllable, normalise

ROOT = Path(__file__).parents[2]
KB = ROOT / "procedures_kb" / "data"
SLIPS = {"telex", "vni", "letters", "spelling", "tone mark"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _strings(part)


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(map(normalise, _read_names()))


def _read_names() -> Iterator[str]:
    for file in sorted((KB / "catalogue").glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                yield from (record["name"], record.get("short_name") or "")


def _yaml(folder: str) -> Iterator[str]:
    for file in sorted((KB / folder).glob("*.yaml")):
        yield from _strings(yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER))


def _communes() -> Iterator[str]:
    for file in sorted((KB / "centres" / "communes" / "units").glob("*.tsv")):
        lines = file.read_text(encoding="utf-8").splitlines()
        yield from {cell for line in lines if not line.startswith("#") for cell in line.split("\t")}


SOURCES = {
    "names": _names,
    "lay names": lambda: _yaml("lay_names"),
    "guides": lambda: _yaml("guides"),
    "communes": _communes,
}


@pytest.mark.parametrize("source", SOURCES)
def test_no_slip_is_read_into_our_own_data(source: str) -> None:
    texts = {normalise(text) for text in SOURCES[source]()}
    assert len(texts) > 500
    found = [(step, text) for text in texts for step in explain(text) if step.rule in SLIPS]
    assert found == []


def test_no_word_of_a_region_is_read_into_an_official_name() -> None:
    assert [text for text in _names() if any(step.rule == "dialect" for step in explain(text))] == []


def test_syllables_of_the_catalogue_are_known() -> None:
    words = re.compile(r"[^\W\d_]+")
    syllables = [w for text in _names() for w in words.findall(text.lower()) if fold(w) != w]
    known = sum(map(is_syllable, syllables))
    assert known / len(syllables) > 0.995
