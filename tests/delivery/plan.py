"""What people will write in a storm: who, in which channel, which procedure's code, when, how often.

The answers name the code that was asked for, so that each answer can be told from the others.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random

from pydantic import BaseModel

ROOT = Path(__file__).parents[2]
CHANNELS = ("zalo_bot", "zalo_oa", "telegram")
FIRST_PERSON = 5_000_000_000
WITHIN_S = 3.0  # a wave's messages are begun within so many seconds
IN_A_ROW = 3


class Planned(BaseModel):
    """One message. `late_s`: its webhook call is made so much later, while the next ones of the same person
    go on; `again_s`: the vendor delivers it once more, so much after it was taken.
    """

    number: int
    channel: str
    person: str
    code: str
    wave: int = 0
    at_s: float = 0.0
    late_s: float = 0.0
    again_s: tuple[float, ...] = ()


class Weather(BaseModel):
    """How vendors behave: shares of sends that go wrong, by kind, and by how much answers are late at most.

    `cut_unworked` loses the call, `cut_worked` only its answer: the person has the message.
    """

    too_many: float = 0.0
    broken: float = 0.0
    cut_unworked: float = 0.0
    cut_worked: float = 0.0
    lag_s: float = 0.0
    seed: int = 6


class Play(BaseModel):
    """What the vendors are to do: deliver `messages` to one of `servers`, in that weather."""

    messages: list[Planned]
    servers: list[str]
    weather: Weather = Weather()


class Delivered(BaseModel):
    """One message that the server has taken: the vendor's id of it, when it was first tried and taken (Unix
    seconds), how long the call took that was answered with 200, and how many calls were made in all.
    """

    number: int
    vendor_id: str
    tried_at: float
    taken_at: float
    took_ms: float
    calls: int


class Got(BaseModel):
    """One message that a person got: when (Unix seconds), and the first code in it ("": none)."""

    channel: str
    person: str
    at: float
    code: str


class Report(BaseModel):
    """All that happened so far. `unmarked`: messages that people got while the answer was cut off."""

    delivered: list[Delivered]
    got: list[Got]
    unmarked: int
    faults: dict[str, int]
    answers: dict[str, int]  # of the server to the vendors' calls, by status; "0" is no connection


STORMY = Weather(too_many=0.05, broken=0.05, cut_unworked=0.025, cut_worked=0.025, lag_s=0.2)


@cache
def codes() -> tuple[str, ...]:
    """Return the codes of the shipped catalogue."""
    files = sorted((ROOT / "procedures_kb" / "data" / "catalogue").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return tuple(sorted({str(json.loads(line)["code"]) for line in lines}))


def planned(count: int, waves: int, people: int, seed: int) -> list[Planned]:
    """Return `count` messages of `people` in `waves`: three in a row of one person, then of the next.

    A person's codes are all different. One message in ten is delivered twice; one in twenty is up to a second
    late, so that the next one of its person may overtake it.
    """
    rng = Random(seed)
    asked = {place: iter(rng.sample(codes(), count // people + IN_A_ROW + 1)) for place in range(people)}
    messages: list[Planned] = []
    begins = 0.0
    for number in range(count):
        place = number // IN_A_ROW % people
        begins = rng.uniform(0, WITHIN_S) if number % IN_A_ROW == 0 else begins + rng.uniform(0.1, 0.6)
        draw = rng.random()
        messages.append(
            Planned(
                number=number,
                channel=CHANNELS[place % len(CHANNELS)],
                person=str(FIRST_PERSON + place),
                code=next(asked[place]),
                wave=number * waves // count,
                at_s=begins,
                late_s=rng.uniform(0.05, 1.0) if 0.1 <= draw < 0.15 else 0.0,
                again_s=(rng.choice((0.0, rng.uniform(0.1, 8.0))),) if draw < 0.1 else (),
            )
        )
    return messages
