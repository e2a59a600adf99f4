"""`troly connect zalo-oa`: the permission and its token pair, the webhook's key, a test message."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from bot.server import channels
from bot.server.connecting.door import Knock, knock_of
from bot.server.connecting.steps import Job, listener, see_door, send_test, vendor_troubles, webhook_url
from bot.storage.sealing import Unsealable
from bot.storage.tokens import SqlTokens
from connectors.messaging import Part, TokenPair, Unauthorised
from connectors.zalo import oa_tokens
from connectors.zalo.errors import BadToken
from connectors.zalo.oa_tokens import OaSignIn
from connectors.zalo.signatures import OA_HEADER, event_mac

SECRET = "TROLY_ZALO_OA_SECRET"  # noqa: S105  (a variable's name)
REFRESH_LIFE = timedelta(days=89)
PASTES = 3


class OtherAttempt(ValueError):
    """The address that was pasted belongs to another permission page."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds of the permission."""

    pair: TokenPair | None
    failure: str
    unreadable: bool = False


def stored(tokens: SqlTokens) -> Stored:
    """Return what is stored; a pair sealed under another key counts as none."""
    try:
        return Stored(tokens.current(), tokens.failure())
    except Unsealable:
        return Stored(None, tokens.failure(), unreadable=True)


def check(job: Job, tokens: SqlTokens) -> None:
    """Say how things stand, without asking Zalo. Raises Trouble where the account cannot be used."""
    found = stored(tokens)
    if found.unreadable:
        job.say(job.words.oa_unreadable)
    if found.pair is None:
        raise job.trouble(job.words.oa_never)
    until, now = found.pair.expires_at.astimezone(), datetime.now(UTC)
    if found.failure:
        raise job.trouble(job.words.oa_failing, failure=found.failure)
    if now - until > REFRESH_LIFE:
        raise job.trouble(job.words.oa_too_old, until=until)
    job.say(job.words.oa_connected if until > now else job.words.oa_expired, until=until)
    if job.settings.public_url is not None:
        job.say(job.words.oa_webhook, url=webhook_url(job))
    if not job.settings.zalo_oa_secret:
        raise job.trouble(job.words.oa_secret_missing)


async def connect(job: Job, tokens: SqlTokens, *, again: bool, callback: str | None) -> None:
    """Connect the Official Account of the settings. Raises Trouble.

    `again` asks for the permission anew; `callback` is the address that the permission page leads to, the
    public one where it is None.
    """
    sign_in, url = _sign_in(job), webhook_url(job)
    pair = None if again else _usable(job, tokens, sign_in)
    if pair is None:
        _permitted(job, tokens, sign_in, callback or job.settings.public_url or "")
    job.say(job.words.oa_webhook, url=url)
    secret = job.settings.zalo_oa_secret
    if not secret or not secret.get_secret_value():
        raise job.trouble(job.words.oa_secret_missing)

    await see_door(job, _knock(job, url), SECRET)

    async def explain() -> None:
        await see_door(job, _knock(job, url), SECRET, quiet=True)

    channel = channels.zalo_oa(job.settings, tokens)

    async def send(chat: str) -> None:
        await channel.send(chat, Part(text=job.words.test_message))

    try:
        await send_test(job, send, listener(job, fresh_only=False), explain)
    finally:
        await channel.aclose()
    job.say(job.words.done, vendor=job.own.vendor)


def code_in(pasted: str, state: str) -> str | None:
    """Return the code in a pasted address, or a bare code; None where there is none. Raises OtherAttempt.

    >>> code_in("https://x.example/?code=abc&state=s1", "s1"), code_in("abcdef", "s1"), code_in("a b", "s1")
    ('abc', 'abcdef', None)
    """
    if "code=" not in pasted:
        return pasted if re.fullmatch(r"[A-Za-z0-9._~-]{6,4096}", pasted) else None
    query = parse_qs(urlsplit(pasted).query or pasted.partition("?")[2] or pasted)
    codes, states = query.get("code", []), query.get("state", [])
    if states and not hmac.compare_digest(states[0].encode(), state.encode()):
        raise OtherAttempt
    return codes[0] if codes else None


def _sign_in(job: Job) -> OaSignIn:
    settings = job.settings
    needed = {
        "TROLY_ZALO_OA_APP_ID": settings.zalo_oa_app_id,
        "TROLY_ZALO_OA_APP_SECRET": settings.zalo_oa_app_secret,
    }
    for name, value in needed.items():
        if not value:
            raise job.trouble(job.own.token_missing, name=name)
    try:
        return channels.oa_sign_in(settings)
    except BadToken:
        trouble = job.trouble(job.own.token_odd)
    raise trouble


def _usable(job: Job, tokens: SqlTokens, sign_in: OaSignIn) -> TokenPair | None:
    """Return the stored pair, renewed where it has to be; None where the permission must be asked for."""
    found = stored(tokens)
    if found.unreadable:
        job.say(job.words.oa_unreadable)
    if found.pair is None:
        return None
    if not found.failure and found.pair.expires_at > datetime.now(UTC):
        job.say(job.words.oa_connected, until=found.pair.expires_at.astimezone())
        return found.pair
    with vendor_troubles(job):
        try:
            pair = tokens.renewed(found.pair, sign_in.refreshed)
        except Unauthorised:
            job.say(job.words.oa_lost)
            return None
    job.say(job.words.oa_renewed, until=pair.expires_at.astimezone())
    return pair


def _permitted(job: Job, tokens: SqlTokens, sign_in: OaSignIn, callback: str) -> None:
    """Lead the operator through the permission page and store the pair that its code gives."""
    verifier, state = oa_tokens.new_verifier(), secrets.token_urlsafe(16)
    app_id, base = job.settings.zalo_oa_app_id or "", job.settings.zalo_oa_sign_in_url
    job.say(job.words.oa_callback, callback=callback)
    job.say(job.words.oa_permission)
    job.screen.show(oa_tokens.permission_url(app_id, callback, verifier, state, base))
    job.say(job.words.oa_paste)
    code = _asked_code(job, state)
    with vendor_troubles(job):
        try:
            pair = sign_in.exchanged(code, verifier)
        except Unauthorised:
            pair = None
    if pair is None:
        raise job.trouble(job.words.oa_code_refused)
    # At once: the pair exists nowhere else.
    tokens.put(pair)
    job.say(job.words.oa_stored, until=pair.expires_at.astimezone())


def _asked_code(job: Job, state: str) -> str:
    for _ in range(PASTES):
        pasted = job.screen.ask(job.words.oa_prompt)
        if not pasted:
            break
        try:
            code = code_in(pasted, state)
        except OtherAttempt:
            job.say(job.words.oa_other_attempt)
            continue
        if code:
            return code
        job.say(job.words.oa_no_code)
    raise job.trouble(job.words.oa_gave_up)


def _knock(job: Job, url: str) -> Knock:
    """Return a call that is signed like Zalo's, of an event that needs no answer."""
    app_id, secret = job.settings.zalo_oa_app_id or "", job.settings.zalo_oa_secret
    stamp = str(int(datetime.now(UTC).timestamp() * 1000))
    call = knock_of(url, {}, {"app_id": app_id, "event_name": "troly_connect", "timestamp": stamp})
    mac = event_mac(app_id, call.body, stamp, secret.get_secret_value() if secret else "")
    return Knock(url, {**call.headers, OA_HEADER: f"mac={mac}"}, call.body)
