"""The Vietnamese patterns and phrases of the derivation, read once from `data/rules/*.yaml` and checked."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

RULES = Path(__file__).parent.parent / "data" / "rules"


def _compile(pattern: object) -> object:
    return re.compile(pattern, re.IGNORECASE) if isinstance(pattern, str) else pattern


Pattern = Annotated[re.Pattern[str], BeforeValidator(_compile)]


class RuleFile(BaseModel):
    """Base of the rule files: strict about unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class TextRules(RuleFile):
    """What may be cut from any text."""

    boilerplate: tuple[Pattern, ...]
    clause: Pattern  # where a phrase may be cut before
    dangling: Pattern  # words that must not end a phrase


class Known(RuleFile):
    """Words of the portal that have one plain phrase of ours."""

    pattern: Pattern
    say: str


class PaperRules(RuleFile):
    """How document rows are told apart."""

    note_group: Pattern
    note_row: Pattern
    show_group: Pattern
    header_group: Pattern
    header_row: Pattern
    one_of: Pattern
    show_row: Pattern
    paper_head: Pattern
    lead_case: Pattern
    inline_case: Pattern
    if_any: Pattern
    submit_verbs: Pattern
    tail: Pattern
    quantity: Pattern
    copy_wrapper: Pattern
    if_any_text: str
    several_of: str
    not_paper: Pattern
    bare: Pattern
    when_known: tuple[Known, ...]
    when_shorter: tuple[Known, ...]
    when_vague: str
    when_by_law: str
    original_or_copy: str
    copy_only: str
    when_authorised: str
    when_online: str
    when_not_found: str
    when_not_kin: str
    kin_note: str
    unless: str  # begins the exception of a paper that "need not be handed in if …"
    other_papers: str
    except_vague: str
    some_noun: str
    some_verb: str
    certified: str
    when_noun: str
    when_for: str  # the same in one word, where the condition is long
    when_verb: str
    postal_slip: Pattern
    postal_note: str


class Act(RuleFile):
    """One kind of step: the words that tell it, the phrase we say, who does it, and what goes with it."""

    key: str
    pattern: Pattern
    say: str
    by: str  # citizen | officer
    timed: bool = False
    place: bool = False
    result: bool = False
    order: int = 50


class StepRules(RuleFile):
    """Actors and acts of the steps."""

    citizen: Pattern
    citizen_default: str
    officer: Pattern
    officer_default: str
    acts: tuple[Act, ...]
    channels: dict[str, Pattern]
    channel_words: dict[str, str]
    within: str
    lasting: str
    at: str
    via: str
    sometimes: str
    in_case: str
    if_due: str
    issue_text: str
    is_text: Pattern
    issue_default: str
    always_acts: tuple[str, ...]
    sometimes_acts: tuple[str, ...]
    refusal: Pattern
    handed: Pattern


class ConditionRules(RuleFile):
    """Limits and deadlines in the text of conditions and steps."""

    skip: Pattern
    limit: Pattern
    deadline: Pattern
    officer: Pattern
    deadline_about: str
    citizen_verb: Pattern
    skip_short: Pattern
    filler: Pattern
    lead: Pattern
    occasion: str
    by_unit: dict[str, str]


class FeeRules(RuleFile):
    """How the fee's text is read."""

    free: Pattern
    nothing: Pattern
    truly_free: Pattern
    by_province: Pattern
    by_law: Pattern
    law_number: Pattern
    note_by_province: str
    note_by_law: str
    fee_law: Pattern
    note_under: str
    kinds: dict[str, str]
    note_exempt: str
    note_some_spared: str
    note_some_exempt: str
    note_if_due: str
    note_duty: str


class TimeRules(RuleFile):
    """How time limits are read."""

    units: dict[str, str]
    duration: Pattern
    immediate: Pattern
    from_when: Pattern
    stage: Pattern
    lead: Pattern
    no_limit: Pattern
    limit_words: Pattern
    empty_case: Pattern
    no_time: Pattern
    some_cases: str
    after_three: str
    extended: str
    remote: str
    other_case: Pattern
    each: str


class LegalRules(RuleFile):
    """Numbers that the portal cuts, and titles of laws, each by number."""

    repairs: dict[str, str]
    titles: dict[str, str]


class NameRules(RuleFile):
    """How names are shortened and families found."""

    prefix: Pattern
    level_words: tuple[Pattern, ...]
    boilerplate: tuple[Pattern, ...]
    abbreviations: tuple[tuple[str, str], ...]
    clause: Pattern
    opening: Pattern  # a word after which a phrase stands well on its own
    level_short: dict[str, str]


class AgencyRules(RuleFile):
    """Agencies: provinces that are not ours, and what means "none"."""

    none: Pattern
    province: Pattern
    elsewhere: Pattern
    district: Pattern
    centre: Pattern
    ministries: dict[str, str]
    local_ministry: str
    local_decision: Pattern


def _read(name: str) -> object:
    with (RULES / f"{name}.yaml").open(encoding="utf-8") as file:
        return yaml.safe_load(file)


@cache
def compounds() -> frozenset[tuple[str, str]]:
    """Return the syllable pairs of `compounds.txt`, which a cut must not separate."""
    return frozenset((a, b) for line in _word_lines() for a, _, b in [line.partition(" ")] if b)


@cache
def open_syllables() -> frozenset[str]:
    """Return the single syllables of `compounds.txt`: those that hardly ever end a phrase."""
    return frozenset(line for line in _word_lines() if " " not in line)


def _word_lines() -> list[str]:
    lines = (RULES / "compounds.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@cache
def text_rules() -> TextRules:
    """Return the rules of `text.yaml`."""
    return TextRules.model_validate(_read("text"))


@cache
def paper_rules() -> PaperRules:
    """Return the rules of `papers.yaml`."""
    return PaperRules.model_validate(_read("papers"))


@cache
def step_rules() -> StepRules:
    """Return the rules of `steps.yaml`."""
    return StepRules.model_validate(_read("steps"))


@cache
def condition_rules() -> ConditionRules:
    """Return the rules of `conditions.yaml`."""
    return ConditionRules.model_validate(_read("conditions"))


@cache
def fee_rules() -> FeeRules:
    """Return the rules of `fees.yaml`."""
    return FeeRules.model_validate(_read("fees"))


@cache
def time_rules() -> TimeRules:
    """Return the rules of `times.yaml`."""
    return TimeRules.model_validate(_read("times"))


@cache
def legal_rules() -> LegalRules:
    """Return the rules of `legal.yaml`."""
    return LegalRules.model_validate(_read("legal"))


@cache
def name_rules() -> NameRules:
    """Return the rules of `names.yaml`."""
    return NameRules.model_validate(_read("names"))


@cache
def agency_rules() -> AgencyRules:
    """Return the rules of `agencies.yaml`."""
    return AgencyRules.model_validate(_read("agencies"))


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    read = _read("patterns")
    if not isinstance(read, dict):
        raise ValueError("data/rules/patterns.yaml must map names to patterns")
    return {str(name): re.compile(str(text), re.IGNORECASE) for name, text in read.items()}


def pattern(name: str) -> re.Pattern[str]:
    """Return the pattern of `patterns.yaml` under `name` ("fees.amount"). Raises KeyError for another."""
    return _patterns()[name]
