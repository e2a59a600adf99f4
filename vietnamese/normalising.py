"""One spelling for text that looks the same: Unicode form, spaces, the place of tone marks."""

from __future__ import annotations

import re
import unicodedata

_TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng
_VOWEL_MARKS = "\u0302\u0306\u031b"  # â, ă, ơ/ư
_VOWELS = "aeiouy"
_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]")
_QUOTES = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-"}
# Letters of other alphabets that an old font shows as ours ("đƣợc").
_LOOK_ALIKES = str.maketrans({**_QUOTES, "ƣ": "ư", "Ƣ": "Ư"})
_KEPT = frozenset("\n\t\r ")
_DROPPED = frozenset({"Cc", "Co", "Cs"})  # control, private use (bullets of old fonts), lone surrogates
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
    text = "".join(c if c in _KEPT or unicodedata.category(c) not in _DROPPED else " " for c in text)
    text = _INVISIBLE.sub("", text).translate(_LOOK_ALIKES)
    text = unicodedata.normalize("NFD", text)
    text = _MISPLACED.sub(r"\1\3\2", text)
    text = _ON_GLIDE.sub(r"\1\3\2", text)
    text = _NEW_STYLE.sub(_to_first_vowel, text)
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _to_first_vowel(match: re.Match[str]) -> str:
    first, second, tone = match.groups()
    if (first + second).lower() not in _OPEN_PAIRS:
        return match.group()
    return first + tone + second
