"""What the vendor's error codes mean to the one who sends: each is one of the contract's failures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.messaging import Gone, Postponed, Refused, SendFailed, Unauthorised

QUOTA_PAUSE_S = 3600.0
_CONNECT = "the access token does not hold, a renewed one neither; run `troly connect zalo-oa`"


class TokenRejected(Unauthorised):
    """The access token is wrong or over: a refresh may mend it."""


class BadToken(ValueError):
    """A token of the settings cannot be one; the message tells what to do and never the token."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One code of the vendor: its exception, its meaning, a pause in seconds where it asks for one."""

    kind: type[SendFailed]
    meaning: str
    pause_s: float | None = None


BOT: Mapping[int, Failure] = {
    400: Failure(Refused, "a parameter is wrong"),
    401: Failure(Unauthorised, "the bot's token does not hold; run `troly connect zalo-bot` with a new one"),
    403: Failure(Gone, "the bot may not write to this chat (blocked or left)"),
    404: Failure(Refused, "no such chat or method"),
    408: Failure(Postponed, "the vendor's own time-out"),
    413: Failure(Refused, "too large"),
    429: Failure(Postponed, "too many requests"),
}

OA: Mapping[int, Failure] = {
    -32: Failure(Postponed, "too many requests"),
    -201: Failure(Refused, "a parameter is wrong"),
    -211: Failure(Postponed, "the quota is used up", QUOTA_PAUSE_S),
    -213: Failure(Gone, "the person does not follow the account"),
    -216: Failure(TokenRejected, _CONNECT),
    -217: Failure(Gone, "the person has blocked the account"),
    -220: Failure(TokenRejected, _CONNECT),
    -224: Failure(Unauthorised, "the account's tier does not allow it; upgrade it at oa.zalo.me"),
    -230: Failure(Refused, "outside the time window for replies"),
    -232: Failure(Refused, "outside the window of free replies"),
    -233: Failure(Refused, "this type of message is not supported"),
    -240: Failure(Unauthorised, "the vendor has retired this API; update this software"),
}

# By HTTP status, where the vendor's envelope is missing: then something on the way may have answered, which
# knows nothing of persons and quotas. What is not here is tried again.
BOT_STATUS: Mapping[int, Failure] = {401: BOT[401], 413: BOT[413]}
OA_STATUS: Mapping[int, Failure] = {401: OA[-216], 413: Failure(Refused, "too large")}


def failure(
    vendor: str, code: int, table: Mapping[int, Failure], retry_after_s: float | None = None
) -> SendFailed:
    """Return the exception for `code`.

    What is in no table is postponed: the outbox tries a few times and then keeps it for the operator, so that
    a new code of the vendor loses nothing.
    """
    known = table.get(code)
    if known is None:
        meaning = "the vendor's server failed" if code >= 500 else "unknown code"
        return Postponed(f"{vendor} {code}: {meaning}", retry_after_s)
    reason = f"{vendor} {code}: {known.meaning}"
    if issubclass(known.kind, Postponed):
        return known.kind(reason, known.pause_s if retry_after_s is None else retry_after_s)
    return known.kind(reason)
