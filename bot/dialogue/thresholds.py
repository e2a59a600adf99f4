"""The dialogue's thresholds, read from `policy.yaml`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from procedures_kb.yaml_files import read_yaml

Probability = Annotated[float, Field(ge=0, le=1)]


class Thresholds(BaseModel):
    """See `policy.yaml` for what each means and what set it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    intent_confidence: Probability
    strict_intent_confidence: Probability
    move_confidence: Probability
    move_residue: Annotated[int, Field(ge=0, le=8)]
    aspect_confidence: Probability
    other_aspect_confidence: Probability
    aspect_in_hand: Probability
    beyond_sure: Probability
    guide_match: Probability
    guide_over_procedure: Probability
    guide_heard: Probability
    guide_offer_sure: Probability
    guide_offer_margin: Annotated[float, Field(ge=0, le=10)]
    guide_offer_known: Probability
    out_of_scope_confidence: Probability
    out_of_scope_against: Probability
    out_of_scope_short: Probability
    likely_in_scope: Probability
    surely_in_scope: Probability
    unread_confidence: Probability
    service_heard: Probability
    hardly_in_scope: Probability
    ask_rounds: Annotated[int, Field(ge=1, le=5)]
    choices: Annotated[int, Field(ge=2, le=8)]
    tentative: Probability
    tentative_short: Probability
    likely: Probability
    content: Annotated[int, Field(ge=0)]
    event_leftover: Annotated[int, Field(ge=0, le=5)]
    commune_leftover: Annotated[int, Field(ge=0, le=5)]
    follow_up_sure: Probability
    follow_up_near: Probability
    follow_up_residue: Annotated[int, Field(ge=0, le=5)]


@lru_cache(maxsize=1)
def load_thresholds() -> Thresholds:
    """Read `policy.yaml`. Raises pydantic.ValidationError, naming the key, for a wrong value."""
    return Thresholds.model_validate(read_yaml(Path(__file__).with_name("policy.yaml")))
