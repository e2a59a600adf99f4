"""One spelling for text that looks the same: Unicode form, spaces, the place of tone marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng
_VOWEL_MARKS = "\u0302\u0306\u031b"  # â, ă, ơ/ư
_VOWELS = "aeiouy"
_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]")
# Unicode's Cc, Cs and Co: control characters, lone surrogates, private use (bullets of old fonts).
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
# What the stages below cannot change but for the place of tone marks, and runs of spaces.
_PLAIN = re.compile(r"[ -~À-ÖØ-öø-ſƠơƯưẠ-ỹ]*")
_QUOTES = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-"}
# Letters of other alphabets that an old font shows as ours ("đƣợc").
_LOOK_ALIKES = str.maketrans({**_QUOTES, "ƣ": "ư", "Ƣ": "Ư"})
_MISPLACED = re.compile(
    rf"([{_VOWELS}][{_VOWEL_MARKS}]*)([bcdghklmnpqrstvxđ]{{1,2}})([{_TONES}])", re.IGNORECASE
)
# Open syllables ending in "oa", "oe", "uy": the older spelling puts the tone on the first vowel (hòa, thủy),
# the newer one on the second (hoà, thuỷ). We keep the older one, which the portal's titles use.
_NEW_STYLE = re.compile(rf"(?<![qg])([ou])([aey])([{_TONES}])(?![a-zđ{_VOWEL_MARKS}])", re.IGNORECASE)
_OPEN_PAIRS = {"oa", "oe", "uy"}
# A marked vowel before a glide carries the tone: "giâý" is "giấy".
_ON_GLIDE = re.compile(rf"([aeou][{_VOWEL_MARKS}])([iyuo])([{_TONES}])", re.IGNORECASE)


def normalise(text: str) -> str:
    """Return `text` in one canonical spelling: NFC, single plain spaces, tone marks on their vowel.

    Words, letter case and accents stay; only the way they are encoded changes. Control, private-use and
    invisible characters and lone surrogates are dropped.
    Idempotent: `normalise(normalise(t)) == normalise(t)`.

    >>> normalise("thủ tuc̣  hành\u00a0chính")
    'thủ tục hành chính'
    >>> normalise("hoà, thuỷ, quý")
    'hòa, thủy, quý'
    """
    return _spaced(_tones_placed(_readable(text)))


def normalise_stages(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield (rule, text before, text after) for each stage of `normalise` that changes `text`."""
    for rule, stage in (
        ("invisible characters and quotes", _readable),
        ("Unicode form and place of tone marks", _tones_placed),
        ("spaces", _spaced),
    ):
        after = stage(text)
        if after != text:
            yield rule, text, after
        text = after


def _readable(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return _INVISIBLE.sub("", _CONTROLS.sub(" ", text)).translate(_LOOK_ALIKES)


def _tones_placed(text: str) -> str:
    return text if text.isascii() else " ".join(map(_tone_placed, text.split(" ")))


@lru_cache(maxsize=16_384)  # no rule looks across a space, and the same few thousand syllables come again
def _tone_placed(text: str) -> str:
    text = unicodedata.normalize("NFD", text)
    text = _MISPLACED.sub(r"\1\3\2", text)
    text = _ON_GLIDE.sub(r"\1\3\2", text)
    return unicodedata.normalize("NFC", _NEW_STYLE.sub(_to_first_vowel, text))


def _spaced(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _to_first_vowel(match: re.Match[str]) -> str:
    first, second, tone = match.groups()
    if (first + second).lower() not in _OPEN_PAIRS:
        return match.group()
    return first + tone + second
