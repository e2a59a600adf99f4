"""What a refused call means: the library's errors as those of `connectors.messaging`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from connectors.messaging import Gone, Postponed, Refused, SendFailed, Unauthorised

# Bad requests that say that the person is not there, lower case, as the Bot API words them.
_NOBODY = ("chat not found", "user not found", "peer_id_invalid", "input_user_deactivated", "user_is_blocked")


class PollingConflict(RuntimeError):
    """Two processes ask for updates of one bot, or a webhook is set while one asks. The process must end."""


@contextmanager
def vendor_errors() -> Iterator[None]:
    """Raise what the Bot API answers inside as a SendFailed, or PollingConflict.

    The text names Telegram's words up to the first quotation mark or colon: what follows may be content.
    """
    try:
        yield
    except Conflict as error:
        raise PollingConflict(_conflict(error)) from None
    except TelegramError as error:
        raise failure(error) from None
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # The library reads answers in good faith.
        raise Postponed(f"telegram: an odd answer ({type(error).__name__})") from None


def failure(error: TelegramError) -> SendFailed:
    """Return what `error` means for a message that was to be sent."""
    if isinstance(error, RetryAfter):
        return Postponed("telegram: 429 too many requests", _seconds(error.retry_after))
    if isinstance(error, InvalidToken):
        return Unauthorised(
            "telegram: the token does not hold; ask @BotFather for it, then: troly connect telegram"
        )
    if isinstance(error, Forbidden):
        return Gone(f"telegram: 403 {words(error)}")
    if isinstance(error, BadRequest):
        kind = Gone if any(word in error.message.lower() for word in _NOBODY) else Refused
        return kind(f"telegram: 400 {words(error)}")
    if isinstance(error, ChatMigrated):
        return Refused("telegram: the chat has become another group")
    if isinstance(error, NetworkError):
        cause = type(error.__cause__ or error).__name__
        return Postponed(f"telegram: not reached or out of order ({cause})")
    return Postponed(f"telegram: {type(error).__name__}")


def words(error: TelegramError) -> str:
    """Return what Telegram says is wrong, without anything that it may quote."""
    return error.message.partition('"')[0].partition(":")[0].strip()[:80]


def _conflict(error: Conflict) -> str:
    if "webhook is active" in error.message:
        return "telegram: a webhook is set for this bot; remove it, or do not poll"
    return (
        "telegram: somebody else asks for the updates of this bot; stop the other process, "
        "or give this one a bot of its own (@BotFather, /newbot)"
    )


def _seconds(value: float | timedelta) -> float:
    # The library is on its way from whole seconds to timedelta.
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
