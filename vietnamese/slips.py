"""Slips of the keyboard: Telex or VNI keys that stayed keys, letters typed twice, accents set by halves.

Nothing is touched that is a syllable as typed, and nothing is made that is not one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from vietnamese.folding import fold
from vietnamese.spelling import TONES, compose, is_syllable, split_tone

_TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
_HATS = {"a": "â", "e": "ê", "o": "ô"}
_HORNS = {"u": "ư", "o": "ơ"}
_VOWELS = frozenset("aeiouyâêôăơư")
_LONGEST = 12
_HALF_HORN = re.compile(r"ưo|uơ")
# Onsets that are mixed up by rule; the first that makes a syllable is meant.
_ONSETS = (("ngh", "ng"), ("ng", "ngh"), ("gh", "g"), ("g", "gh"), ("f", "ph"), ("j", "gi"), ("w", "qu"))
_VNI_WEAK = re.compile(r"[^\W\d_]+[1-5]")


class Slip(NamedTuple):
    """What was meant by a word: the rule that read it, the syllable, and whether one can be sure.

    Not sure is a mark typed away from its letter ("these" for "thế"): English has many such words.
    """

    rule: str
    syllable: str
    sure: bool = True


@lru_cache(maxsize=65_536)
def decode(word: str) -> Slip | None:
    """Return the syllable that `word` (lower case, NFC) was meant to be, None where it is one or makes none.

    The rules are "vni", "telex", "letters" (one typed twice), "spelling" (a mark or an "h" too few) and
    "tone mark" (on the wrong vowel).

    >>> [slip and slip.syllable for slip in map(decode, ("giaays", "ky1", "giấyy", "giấy"))]
    ['giấy', 'ký', 'giấy', None]
    """
    if not 1 < len(word) <= _LONGEST:
        return None
    if is_syllable(word):
        return _moved(word)
    digits = any("0" <= c <= "9" for c in word)
    if not digits and not word.isalpha():
        return None
    if digits:
        keyed = _Keys(word, _VNI_TONES).read(_vni_key)
        return Slip("vni", keyed) if keyed and word[0] > "9" else None
    keys = _Keys(word, _TELEX_TONES)
    keyed = keys.read(_telex_key)
    if keyed:
        return Slip("telex", keyed, sure=not keys.apart)
    for rule, reading in (("letters", _undoubled(word)), ("spelling", _respelled(word))):
        if reading and reading != word:
            return Slip(rule, reading)
    return None


def _moved(word: str) -> Slip | None:
    """A syllable whose tone mark stands on the wrong vowel: "ngừơi", "qúy"."""
    bare, tone = split_tone(word)
    right = compose(bare, tone) if tone else None
    return Slip("tone mark", right) if right and right != word else None


def is_weak(word: str) -> bool:
    """Return whether `word` is plain letters with one VNI tone at the end, like "phuong5" for "phường 5"."""
    return _VNI_WEAK.fullmatch(word) is not None


class _Keys:
    """The keys of one syllable as an input method reads them, one after another."""

    def __init__(self, word: str, tones: dict[str, str]) -> None:
        self.word = word
        self.letters: list[str] = []
        self.tone = ""
        self.used = 0
        self.apart = False
        self._tones = tones

    def read(self, key: _Key) -> str | None:
        """Return the syllable of all keys, None where they make none or none of them was a mark."""
        for char in unicodedata.normalize("NFD", self.word):
            if char in TONES:
                if self.tone:
                    return None
                self.tone = char
            elif unicodedata.combining(char):
                if not self.letters:
                    return None
                self.letters[-1] = unicodedata.normalize("NFC", self.letters[-1] + char)
            elif char in self._tones and self._has_vowel():
                if self.tone:
                    return None
                self.tone, self.used = self._tones[char], self.used + 1
            elif key(self, char):
                self.used += 1
            else:
                self.letters.append(char)
        if not self.used:
            return None
        bare = _horned("".join(self.letters))
        return compose(bare[:-2] + "uơ" if bare.endswith("ươ") else bare, self.tone)  # "thuở" has one horn

    def _has_vowel(self) -> bool:
        start = 2 if self.letters[:2] == ["q", "u"] else 0
        return any(c in _VOWELS for c in self.letters[start:])

    def change(self, table: dict[str, str]) -> bool:
        """Put the mark of `table` on the last letter that can bear it; return whether there was one."""
        for at in range(len(self.letters) - 1, -1, -1):
            if self.letters[at] in table:
                self.letters[at] = table[self.letters[at]]
                return True
        return False

    def horn(self) -> bool:
        """Put a horn on "u" and "o", both where they stand together; return whether there was one."""
        text = "".join(self.letters)
        for pair, horned in (("uo", "ươ"), ("uơ", "ươ"), ("ưo", "ươ")):
            at = text.find(pair)
            if at >= 0 and not (pair == "uo" and text.startswith("q")):
                self.letters[at : at + 2] = list(horned)
                return True
        if text.endswith("ua") and not text.startswith("q"):
            self.letters[-2] = "ư"
            return True
        return self.change(_HORNS)

    def bar(self) -> bool:
        """Turn the first "d" into "đ"; return whether there was one."""
        if self.letters[:1] != ["d"]:
            return False
        self.letters[0] = "đ"
        return True


_Key = Callable[[_Keys, str], bool]


def _telex_key(keys: _Keys, char: str) -> bool:
    letters = keys.letters
    if char == "d":
        keys.apart |= len(letters) > 1 and letters[0] == "d"
        return keys.bar()
    if char in _HATS and char in letters:
        apart = letters[-1] != char or keys.tone != ""
        if letters[-1] != char and letters[-1] in _VOWELS:
            return False
        keys.apart |= apart
        return keys.change({char: _HATS[char]})
    if char == "w" and letters:
        if not any(c in _VOWELS for c in letters):
            letters.append("ư")
            return True
        text = "".join(letters)
        if ("a" in text and not text.endswith("ua")) or text == "qua":
            return keys.change({"a": "ă"})
        return keys.horn()
    return False


def _vni_key(keys: _Keys, char: str) -> bool:
    return {
        "6": lambda: keys.change(_HATS),
        "7": keys.horn,
        "8": lambda: keys.change({"a": "ă"}),
        "9": keys.bar,
    }.get(char, lambda: False)()


def _horned(bare: str) -> str:
    """A horn on one half of "uo" before a consonant stands for both: "dưong" is "dương"."""
    fitted = bare if bare.startswith("q") else _HALF_HORN.sub("ươ", bare)
    return bare if fitted != bare and bare.endswith(("uơ", "ưo")) else fitted


def _undoubled(word: str) -> str | None:
    """Letters typed twice at the end or three times anywhere ("giấyy", "khônggg"), typed once."""
    runs = [list(run) for _, run in groupby(word, key=fold)]
    if not any(len(run) > 2 or (len(run) == 2 and _is_slip(run, word)) for run in runs):
        return None
    once = "".join(max(run, key=lambda c: fold(c) != c) for run in runs)
    return once if is_syllable(once) and len(once) > 1 else None


def _is_slip(run: list[str], word: str) -> bool:
    """Return whether two letters are one: a plain "aa", "ee" or "oo" is more often a word of English."""
    return fold(word) != word or (len(word) > 3 and run[0] not in "aeo")


def _respelled(word: str) -> str | None:
    """A syllable with accents whose onset or horn breaks a rule of spelling ("ngĩa", "nghành", "dưòng")."""
    if fold(word) == word:
        return None
    bare, tone = split_tone(word)
    bare = _horned(bare)
    for wrong, right in _ONSETS:
        if bare.startswith(wrong):
            found = compose(right + bare[len(wrong) :], tone)
            if found:
                return found
    return compose(bare, tone)
