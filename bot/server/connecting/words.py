"""What `troly connect` says to the operator, as reviewed data: Vietnamese first, the English below it."""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator

from procedures_kb.yaml_files import read_model

WORDS = Path(__file__).with_name("words.yaml")


class BrokenWords(ValueError):
    """`words.yaml` is not of its form."""


class Both(BaseModel):
    """One text in both languages, with the same places to fill in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vi: str
    en: str

    def filled(self, **values: object) -> Both:
        """Return the text with `values` in their places. Raises KeyError for one that is missing."""
        return Both.model_construct(vi=self.vi.format(**values), en=self.en.format(**values))


class Trouble(RuntimeError):
    """The channel cannot be connected so; `text` says why and what the operator must do. Never a secret."""

    def __init__(self, text: Both) -> None:
        super().__init__(text.en)
        self.text = text


class ChannelWords(BaseModel):
    """What differs from channel to channel; `vendor` is the name people know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vendor: str
    token_missing: Both
    token_odd: Both
    token_wrong: Both
    write_now: Both


class Words(BaseModel):
    """Every text of `words.yaml`, by its key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    test_message: str

    setting_wrong: Both
    key_unusable: Both
    database_away: Both
    stored_unreadable: Both
    unexpected: Both
    public_url_missing: Both
    public_url_not_https: Both
    public_url_inside: Both

    vendor_away: Both
    token_holds: Both
    secret_made: Both
    secret_odd: Both
    webhook_elsewhere: Both
    webhook_replaced: Both
    webhook_refused: Both
    webhook_not_kept: Both
    webhook_set: Both

    door_open: Both
    door_other_secret: Both
    door_not_connected: Both
    door_trouble: Both
    door_certificate: Both
    door_unreachable: Both

    waiting: Both
    nobody_wrote: Both
    test_sent: Both
    test_gone: Both
    test_refused: Both
    test_skipped: Both
    done: Both
    remember_line: Both

    zalo_bot: ChannelWords
    telegram: ChannelWords
    zalo_oa: ChannelWords

    commands_set: Both
    delivery_trouble: Both
    polling_set: Both
    polling_line: Both
    polling_conflict: Both

    oa_never: Both
    oa_connected: Both
    oa_expired: Both
    oa_too_old: Both
    oa_failing: Both
    oa_lost: Both
    oa_unreadable: Both
    oa_renewed: Both
    oa_callback: Both
    oa_permission: Both
    oa_paste: Both
    oa_prompt: Both
    oa_no_code: Both
    oa_other_attempt: Both
    oa_gave_up: Both
    oa_code_refused: Both
    oa_stored: Both
    oa_webhook: Both
    oa_secret_missing: Both

    @model_validator(mode="after")
    def _known_places(self) -> Self:
        """Hold every place of a Vietnamese text to be one of the English too, where a value is given."""
        for name in type(self).model_fields:
            text = getattr(self, name)
            if isinstance(text, Both) and not places(text.vi) <= places(text.en):
                raise ValueError(f"{name}: vi has places that en has not")
        return self


def places(text: str) -> set[str]:
    """Return the names of what is filled into `text`."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def load_words(file: Path = WORDS) -> Words:
    """Read the texts. Raises BrokenWords, naming the place."""
    return read_model(file, Words, BrokenWords)
