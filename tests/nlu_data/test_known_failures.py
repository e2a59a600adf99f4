"""Sentences that the model gets wrong, kept until it does not: one that is right now must leave the list."""

from __future__ import annotations

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from bot.nlu.client import RasaClient
from bot.nlu.corpus import load_corpus
from bot.nlu.project import Project
from vietnamese import fold

PROJECT = Project.here()
FILE = PROJECT.rasa / "known_failures.yaml"


class KnownFailure(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    wanted: str
    got: str
    why: str


KNOWN = [KnownFailure.model_validate(row) for row in yaml.safe_load(FILE.read_text(encoding="utf-8"))]


def test_the_list_is_sound() -> None:
    intents = set(yaml.safe_load((PROJECT.rasa / "domain.yml").read_text(encoding="utf-8"))["intents"])
    assert {known.wanted for known in KNOWN} | {known.got for known in KNOWN} <= intents
    assert [known.text for known in KNOWN if known.wanted == known.got] == []
    assert len({fold(known.text) for known in KNOWN}) == len(KNOWN)


def test_the_list_is_in_no_training_file() -> None:
    trained_on = {fold(example.text) for example in load_corpus(PROJECT).examples}
    assert [known.text for known in KNOWN if fold(known.text) in trained_on] == []


@pytest.mark.rasa
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not PROJECT.python.is_file(), reason="nlu_data/.venv is absent: run `make setup`")
def test_known_failures_still_fail(rasa: RasaClient) -> None:
    fixed = []
    for known in KNOWN:
        understood = rasa.understand(known.text)
        assert understood is not None
        if understood.intent == known.wanted:
            fixed.append(known.text)
    assert fixed == [], "fixed: move these from known_failures.yaml to HELD_OUT in test_model.py"
