"""How fast messages of the channels are acknowledged and answered, over HTTP, at steady rates.

The real server stands between fake vendors of their own process (`tests/delivery/vendors.py`, of this working
tree): a message's road goes from the vendor's first try of the webhook to the moment at which the vendor has
the answer. Every message is of a new person, who has not been greeted yet.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
from pydantic import BaseModel

from bot.server.board import Part, State
from bot.server.health import Health
from evaluation.bench import read_bench_questions
from evaluation.measuring import percentile
from evaluation.nlu import free_port, stop
from evaluation.serving import ROOT, await_true, served

RATES = (1, 10, 30)  # messages a second
SECONDS = 20.0
LOADING = (10, 6.0)  # messages a second and seconds from the first moment at which the server takes calls
WARM_UP = (5, 4.0)  # the same before the first rate: what is made at first use, is made
BEFORE = (LOADING, WARM_UP)
PATIENCE_S = 120.0
CHANNELS = ("telegram", "zalo_bot")
VENDORS = Path("tests") / "delivery" / "vendors.py"
FIRST_PERSON = 6_000_000_000
# The secrets of the fakes: tests/delivery/vendors.py, tests/fakes.
SECRET = "the-secret-of-the-webhooks"  # noqa: S105
ZALO_BOT_TOKEN = "1234567890:fake-secret_of-the-bot"  # noqa: S105
TELEGRAM_TOKEN = "123456789:AAFakeFakeFakeFakeFakeFakeFakeFake0"  # noqa: S105
Progress = Callable[[str], None]


class Written(BaseModel):
    """One message to be written, in the words of `tests/delivery/plan.py`: `wave` is the place of its rate,
    `at_s` the time within it, `code` the text.
    """

    number: int
    channel: str
    person: str
    code: str
    wave: int
    at_s: float


class Taken(BaseModel):
    """When a message was first tried (Unix seconds), and how long the call took that was acknowledged."""

    number: int
    tried_at: float
    took_ms: float


class Got(BaseModel):
    """When a person got a message (Unix seconds)."""

    person: str
    at: float


class Told(BaseModel):
    """What the vendors report."""

    delivered: tuple[Taken, ...]
    got: tuple[Got, ...]


@dataclass(frozen=True, slots=True)
class Vendors:
    """The fake vendors, at `url`."""

    url: str

    def play(self, messages: Sequence[Written], server: str) -> None:
        """Give them what is to be written, to `server`."""
        play = {"messages": [one.model_dump() for one in messages], "servers": [server]}
        httpx.post(f"{self.url}/control/play", json=play).raise_for_status()

    def release(self, wave: int) -> None:
        """Let one wave be written."""
        httpx.post(f"{self.url}/control/wave/{wave}").raise_for_status()

    def told(self) -> Told:
        """Return what has happened so far."""
        return Told.model_validate_json(httpx.get(f"{self.url}/control/report", timeout=30).content)

    def answered(self) -> int:
        """Return how many people have got an answer so far."""
        return int(httpx.get(f"{self.url}/control/count", timeout=30).json()["people"])


def measure_delivery(
    progress: Progress, *, rates: Sequence[int] = RATES, seconds: float = SECONDS
) -> dict[str, float]:
    """Return delivery.ack_p50_ms.R, ack_p99_ms.R, answer_p50_ms.R, answer_p95_ms.R and unanswered.R.

    R is a rate of messages a second, or "loading" for those of the first seconds of the server, while
    catalogue and models load. Nothing is measured where the fake vendors are not beside the package.
    Raises ServerFailed where a process does not come up.
    """
    if not (ROOT / VENDORS).exists():
        progress(f"{VENDORS} is not here: delivery is not measured")
        return {}
    written = messages(read_bench_questions(), rates, seconds)
    with vendors() as fakes, served(None, settings(fakes.url)) as (server, url):
        progress("starting the server between fake vendors")
        fakes.play(written, url)
        await_true(lambda: _up(f"{url}/health/live"), server)
        fakes.release(0)
        await_true(lambda: _ready(url), server)
        fakes.release(1)
        _await_answers(fakes, sum(one.wave <= 1 for one in written), WARM_UP[1])
        for wave, rate in enumerate(rates, len(BEFORE)):
            progress(f"delivery at {rate} messages a second for {seconds:g} s")
            fakes.release(wave)
            _await_answers(fakes, sum(one.wave <= wave for one in written), seconds)
        return figures(written, fakes.told(), rates)


def messages(texts: Sequence[str], rates: Sequence[int], seconds: float) -> list[Written]:
    """Return what is to be written: evenly at each rate, each message by somebody else, channels in turn.

    Wave 0 is of the server's first seconds, wave 1 warms up; the rates follow.
    """
    numbers = count()
    waves = (*BEFORE, *((rate, seconds) for rate in rates))
    return [
        Written(
            number=(number := next(numbers)),
            channel=CHANNELS[number % len(CHANNELS)],
            person=str(FIRST_PERSON + number),
            code=texts[number % len(texts)],
            wave=wave,
            at_s=place / rate,
        )
        for wave, (rate, lasts) in enumerate(waves)
        for place in range(round(rate * lasts))
    ]


def figures(written: Sequence[Written], told: Told, rates: Sequence[int]) -> dict[str, float]:
    """Return the figures of what the vendors report."""
    taken = {one.number: one for one in told.delivered}
    answered: dict[str, float] = {}
    for got in told.got:
        answered.setdefault(got.person, got.at)
    found: dict[str, float] = {}
    named: list[tuple[int, int | str]] = [(0, "loading"), *enumerate(rates, len(BEFORE))]
    for wave, rate in named:
        mine = [one for one in written if one.wave == wave]
        acks = [taken[one.number].took_ms for one in mine if one.number in taken]
        roads = [
            (answered[one.person] - taken[one.number].tried_at) * 1000
            for one in mine
            if one.number in taken and one.person in answered
        ]
        found |= _cuts("ack", acks, (50, 99), rate) | _cuts("answer", roads, (50, 95), rate)
        found[f"delivery.unanswered.{rate}"] = float(len(mine) - len(roads))
    return found


def _cuts(what: str, values: Sequence[float], cuts: Sequence[int], rate: int | str) -> dict[str, float]:
    if not values:
        return {}
    return {f"delivery.{what}_p{cut}_ms.{rate}": round(percentile(values, cut), 1) for cut in cuts}


def settings(vendors_url: str) -> dict[str, str]:
    """Return the settings that connect a server to the fake vendors."""
    return {
        "TROLY_ZALO_BOT_TOKEN": ZALO_BOT_TOKEN,
        "TROLY_ZALO_BOT_SECRET": SECRET,
        "TROLY_ZALO_BOT_URL": f"{vendors_url}/zalo_bot",
        "TROLY_TELEGRAM_TOKEN": TELEGRAM_TOKEN,
        "TROLY_TELEGRAM_SECRET": SECRET,
        "TROLY_TELEGRAM_URL": f"{vendors_url}/telegram",
    }


@contextmanager
def vendors() -> Iterator[Vendors]:
    """Give the fake vendors in a process of their own. Raises ServerFailed."""
    port = free_port()
    process = subprocess.Popen(  # noqa: S603  (our own module)
        [sys.executable, "-m", "tests.delivery.vendors", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    fakes = Vendors(f"http://127.0.0.1:{port}")
    try:
        await_true(lambda: _up(f"{fakes.url}/control/count"), process)
        yield fakes
    finally:
        stop(process)


def _up(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


def _ready(url: str) -> bool:
    """Return whether the server answers with all that it will have."""
    try:
        health = Health.model_validate_json(httpx.get(f"{url}/health", timeout=10).content)
    except httpx.HTTPError:
        return False
    return health.answering and health.parts[Part.MODEL].state is not State.LOADING


def _await_answers(fakes: Vendors, people: int, seconds: float) -> None:
    """Wait until so many people have an answer; what takes too long stays unanswered."""
    time.sleep(seconds)
    deadline = time.monotonic() + PATIENCE_S
    while fakes.answered() < people and time.monotonic() < deadline:
        time.sleep(0.5)
