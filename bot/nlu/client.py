"""Asks the Rasa server what a message means, and never lets it slow or break a turn."""

from __future__ import annotations

import logging
from typing import Annotated

import httpx
import pybreaker
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.messages import MAX_MESSAGE_CHARACTERS
from bot.nlu.understanding import Entity, Understanding

logger = logging.getLogger(__name__)

TIMEOUT_S = 0.5
READY_TIMEOUT_S = 2.0
# The first message after a start takes Rasa two seconds and more: it is one of ours, no citizen waits for it.
FIRST_TIMEOUT_S = 30.0
_FIRST = "xin chào"
FAILURES_TO_OPEN = 3
REST_S = 5.0  # how long an open breaker waits before it tries once more

_Confidence = Annotated[float, Field(ge=0, le=1.0001)]  # Rasa sums floats: 1.0000001 occurs


class _Parsed(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Intent(_Parsed):
    name: str | None
    confidence: _Confidence


class _Entity(_Parsed):
    entity: str
    value: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class _Answer(_Parsed):
    intent: _Intent
    intent_ranking: tuple[_Intent, ...] = ()
    entities: tuple[_Entity, ...] = ()


class RasaClient:
    """An `Understander` over Rasa's HTTP API; safe to share between threads.

    After `FAILURES_TO_OPEN` failures in a row it stops asking for `rest_s` seconds and gives None at once;
    then one message tries again, and its success closes the breaker.
    """

    def __init__(
        self,
        url: str,
        timeout_s: float = TIMEOUT_S,
        *,
        rest_s: float = REST_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._http = httpx.Client(base_url=url, timeout=timeout_s, transport=transport, trust_env=False)
        self._asked_first = False
        self._breaker = pybreaker.CircuitBreaker(fail_max=FAILURES_TO_OPEN, reset_timeout=rest_s)

    def understand(self, text: str) -> Understanding | None:
        """Return what `text` means, with entities that index it; None when Rasa is down, slow or unclear.

        Only the first MAX_MESSAGE_CHARACTERS characters are read. Never raises; logs no text of the user.
        """
        if not text.strip():
            return None
        try:
            answer: _Answer = self._breaker.call(self._parse, text[:MAX_MESSAGE_CHARACTERS])
        except pybreaker.CircuitBreakerError:
            return None
        except (httpx.HTTPError, ValidationError, ValueError) as error:
            logger.warning("NLU gave no answer: %s", type(error).__name__)
            return None
        return _understanding(answer)

    def ready(self) -> bool:
        """Return whether the server is up with a model that answers. Asks the server, beside the breaker."""
        try:
            reply = self._http.get("/status", timeout=READY_TIMEOUT_S)
            loaded = reply.status_code == httpx.codes.OK and bool(reply.json().get("model_file"))
            if loaded and not self._asked_first:
                first = {"text": _FIRST}
                self._http.post("/model/parse", json=first, timeout=FIRST_TIMEOUT_S).raise_for_status()
            self._asked_first = loaded
        except (httpx.HTTPError, ValueError, AttributeError):
            self._asked_first = False
        return self._asked_first

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _parse(self, text: str) -> _Answer:
        # A leading "/" would make Rasa read the text as the name of an intent; a space keeps the offsets.
        readable = f" {text[1:]}" if text.startswith("/") else text
        reply = self._http.post("/model/parse", json={"text": readable})
        reply.raise_for_status()
        return _Answer.model_validate_json(reply.content)


def _understanding(answer: _Answer) -> Understanding | None:
    if answer.intent.name is None:
        return None
    return Understanding(
        intent=answer.intent.name,
        confidence=min(1.0, answer.intent.confidence),
        ranking=tuple((i.name, min(1.0, i.confidence)) for i in answer.intent_ranking if i.name),
        entities=tuple(Entity(e.entity, e.value, e.start, e.end) for e in answer.entities),
    )
