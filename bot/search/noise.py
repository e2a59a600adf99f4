"""Noise for training: a clean text as a hurried thumb, a missing keyboard or another region would type it."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import yaml

from bot.search.spelling import NOISE, neighbours
from vietnamese import fold

_TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_SHAPES = {"\u0302": "", "\u0306": "w", "\u031b": "w"}  # â doubles its letter, ă and ơ take "w"
_SHORTEST = 3  # a shorter syllable is left alone by slips of the keyboard

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Spellings:
    """Parts of a syllable that are mixed up, at its start and at its end."""

    initial: Pairs
    final: Pairs


@lru_cache(maxsize=1)
def _spellings() -> tuple[Spellings, Spellings]:
    data = yaml.safe_load(NOISE.read_text(encoding="utf-8"))

    def read(name: str) -> Spellings:
        part = data[name]
        return Spellings(*(tuple((str(a), str(b)) for a, b in part[k]) for k in ("initial", "final")))

    return read("dialect"), read("chat")


def telex(syllable: str) -> str:
    """Return `syllable` as its Telex keys ("giấy" is "giaays"), as typed when the keyboard is off.

    >>> telex("đăng")
    'ddawng'
    """
    shaped: list[str] = []
    tone = ""
    for char in unicodedata.normalize("NFD", syllable.replace("đ", "dd")):
        if char in _TONES:
            tone = _TONES[char]
        elif char in _SHAPES:
            shaped.append(_SHAPES[char] or shaped[-1])
        else:
            shaped.append(char)
    return "".join(shaped) + tone


def wrong_tone(syllable: str, rng: random.Random) -> str:
    """Return `syllable` under another tone; unchanged where it has none."""
    parts = unicodedata.normalize("NFD", syllable)
    found = [c for c in parts if c in _TONES]
    if not found:
        return syllable
    other = rng.choice([t for t in _TONES if t != found[0]])
    return unicodedata.normalize("NFC", parts.replace(found[0], other))


def slip(syllable: str, rng: random.Random) -> str:
    """Return `syllable` with two letters swapped, one lost, or one doubled."""
    if len(syllable) < _SHORTEST:
        return syllable
    at = rng.randrange(len(syllable) - 1)
    return rng.choice(
        (
            syllable[:at] + syllable[at + 1] + syllable[at] + syllable[at + 2 :],
            syllable[:at] + syllable[at + 1 :],
            syllable[: at + 1] + syllable[at:],
        )
    )


def beside(syllable: str, rng: random.Random) -> str:
    """Return `syllable` with one letter replaced by its neighbour on the keyboard; accented letters stay."""
    places = [at for at, letter in enumerate(syllable) if letter in neighbours()]
    if len(syllable) < _SHORTEST or not places:
        return syllable
    at = rng.choice(places)
    return syllable[:at] + rng.choice(neighbours()[syllable[at]]) + syllable[at + 1 :]


def respell(syllable: str, rng: random.Random) -> str:
    """Return `syllable` in the spelling of a dialect or of chat; unchanged where no rule fits."""
    rules = rng.choice(_spellings())
    starts = [(a, b) for a, b in rules.initial if syllable.startswith(a)]
    ends = [(a, b) for a, b in rules.final if syllable.endswith(a)]
    if starts and (not ends or rng.random() < 0.5):
        a, b = rng.choice(starts)
        return b + syllable[len(a) :]
    if ends:
        a, b = rng.choice(ends)
        return syllable[: -len(a)] + b
    return syllable


def drop_words(words: list[str], rng: random.Random, share: float = 0.25) -> list[str]:
    """Return `words` without about `share` of them; at least one stays."""
    kept = [word for word in words if rng.random() > share]
    return kept or [rng.choice(words)]


def moved(words: list[str], rng: random.Random) -> list[str]:
    """Return `words` cut in two, the second part first: what was said in the other order."""
    at = rng.randrange(len(words))
    return words[at:] + words[:at]


def noised(text: str, rng: random.Random) -> str:
    """Return `text` under one or more kinds of noise, chosen by `rng`."""
    words = text.lower().split()
    if not words:
        return text
    if rng.random() < 0.5:
        words = drop_words(words, rng, rng.uniform(0.1, 0.45))
    if rng.random() < 0.1:
        words = moved(words, rng)
    slips: tuple[Callable[[str], str], ...] = (
        telex,
        lambda w: wrong_tone(w, rng),
        lambda w: slip(w, rng),
        lambda w: slip(w, rng),
        lambda w: beside(w, rng),
        lambda w: respell(w, rng),
        fold,
    )
    if rng.random() < 0.5:
        for at in rng.sample(range(len(words)), k=rng.randint(1, max(1, len(words) // 4))):
            words[at] = rng.choice(slips)(words[at])
    if len(words) > 1 and rng.random() < 0.05:
        at = rng.randrange(len(words) - 1)
        words[at : at + 2] = [words[at] + words[at + 1]]
    line = " ".join(words)
    return fold(line) if rng.random() < 0.5 else line
