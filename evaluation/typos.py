"""Typing slips as they happen on Vietnamese keyboards, the same ones for the same seed.

About one edit for eight characters, at least one and at most three a text; digits are never touched, because
a changed number is another question. Each edit is one of these, drawn with the weight named:

- a neighbouring key (2): "giay" → "goay"
- a letter dropped (2), doubled (1), or swapped with the next (2)
- the tone of a syllable lost (3): "phí" → "phi"
- Telex left as keys (2): "phí" → "phis", "đơn" → "ddơn"
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable

SEED = 20261122
CHARACTERS_PER_EDIT = 8
MAX_EDITS = 3

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_TONE_KEYS = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_SHAPE_KEYS = {"ă": "aw", "â": "aa", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw", "đ": "dd"}
_WORD = re.compile(r"[^\W\d_]+")

Slip = Callable[[str, random.Random], str]


def strip_accents(text: str) -> str:
    """Return `text` without accents; letter case and everything else stay.

    >>> strip_accents("Đăng ký VNeID")
    'Dang ky VNeID'
    """
    decomposed = unicodedata.normalize("NFD", text.translate(str.maketrans("đĐ", "dD")))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def add_typos(text: str, seed: int = SEED) -> str:
    """Return `text` with a few slips; the same for the same `text` and `seed`."""
    rng = random.Random(f"{seed}:{text}")
    for _ in range(max(1, min(MAX_EDITS, len(text) // CHARACTERS_PER_EDIT))):
        text = _edit(unicodedata.normalize("NFC", text), rng)
    return text


def _edit(text: str, rng: random.Random) -> str:
    """Apply one slip to one word, trying again where the slip drawn does not fit the word drawn."""
    words = [match for match in _WORD.finditer(text) if len(match.group()) > 1]
    if not words:
        return text
    for _ in range(20):
        match = rng.choice(words)
        slip = rng.choices([kind for kind, _ in _SLIPS], [weight for _, weight in _SLIPS])[0]
        slipped = slip(match.group(), rng)
        if slipped != match.group():
            return text[: match.start()] + slipped + text[match.end() :]
    return text


def _neighbour(word: str, rng: random.Random) -> str:
    place = rng.randrange(len(word))
    for row in _ROWS:
        at = row.find(word[place].lower())
        if at >= 0:
            around = row[max(0, at - 1) : at] + row[at + 1 : at + 2]
            return word[:place] + rng.choice(around) + word[place + 1 :]
    return word


def _dropped(word: str, rng: random.Random) -> str:
    place = rng.randrange(len(word))
    return word[:place] + word[place + 1 :]


def _doubled(word: str, rng: random.Random) -> str:
    place = rng.randrange(len(word))
    return word[: place + 1] + word[place:]


def _swapped(word: str, rng: random.Random) -> str:
    place = rng.randrange(len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _toneless(word: str, rng: random.Random) -> str:
    return _without_tone(word)[0]


def _telex(word: str, rng: random.Random) -> str:
    """Leave the keys of a tone or of a shaped letter as they are typed."""
    bare, key = _without_tone(word)
    shaped = [place for place, letter in enumerate(word) if letter.lower() in _SHAPE_KEYS]
    if key and (not shaped or rng.random() < 0.6):
        return bare + key
    if not shaped:
        return word
    place = rng.choice(shaped)
    return word[:place] + _SHAPE_KEYS[word[place].lower()] + word[place + 1 :]


def _without_tone(word: str) -> tuple[str, str]:
    """Return the word without its tone mark, and the Telex key of that tone ("" where it has none)."""
    decomposed = unicodedata.normalize("NFD", word)
    key = next((_TONE_KEYS[mark] for mark in decomposed if mark in _TONE_KEYS), "")
    bare = "".join(mark for mark in decomposed if mark not in _TONE_KEYS)
    return unicodedata.normalize("NFC", bare), key


_SLIPS: tuple[tuple[Slip, int], ...] = (
    (_neighbour, 2),
    (_dropped, 2),
    (_doubled, 1),
    (_swapped, 2),
    (_toneless, 3),
    (_telex, 2),
)
