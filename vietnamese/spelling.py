"""What a Vietnamese syllable may look like: onsets, rimes and tones, and where the tone mark stands."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from vietnamese.folding import fold
from vietnamese.lexicon.tables import BrokenTable, rows

TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng
_ON_STOPS = {"\u0301", "\u0323"}  # a syllable that ends in a stop is sắc or nặng
_STOPS = ("p", "t", "c", "ch")
_SHAPED = "ăâêôơư"
_VOWELS = "aeiouy" + _SHAPED
_FILE = "sounds.tsv"
_LONGEST = 7  # "nghiêng"


@dataclass(frozen=True, slots=True)
class _Sounds:
    """Toneless syllables by spelling: the length of their onset; and all of them folded."""

    onset: dict[str, int]
    loans: frozenset[str]
    folded: frozenset[str]


@lru_cache(maxsize=1)
def _sounds() -> _Sounds:
    onsets: list[tuple[str, str, frozenset[str]]] = []
    rimes: list[str] = []
    never: list[str] = []
    words: list[str] = []
    for number, (kind, spelling, before) in rows(_FILE, ("kind", "spelling", "before")):
        if kind in {"onset", "loan"}:
            onsets.append((kind, spelling.replace("-", ""), frozenset(before.split())))
        elif kind == "rime":
            rimes.append(spelling)
        elif kind == "never":
            never.append(spelling)
        elif kind == "word":
            words.append(spelling)
        else:
            raise BrokenTable(_FILE, number, f"unknown kind {kind!r}")
    made = {
        onset + rime: (kind, len(onset))
        for kind, onset, before in onsets
        for rime in rimes
        if rime[0] in before and not (onset and rime.startswith("yê") and onset != "qu")
    }
    fitting = {s: found for s, found in made.items() if not s.startswith(tuple(never))}
    fitting |= dict.fromkeys(words, ("loan", 0))
    return _Sounds(
        onset={s: size for s, (_, size) in fitting.items()},
        loans=frozenset(s for s, (kind, _) in fitting.items() if kind == "loan"),
        folded=frozenset(map(fold, fitting)),
    )


def split_tone(syllable: str) -> tuple[str, str]:
    """Return `syllable` without its tone mark, and the mark ("" for none); with two marks, both come back."""
    parts = unicodedata.normalize("NFD", syllable)
    tone = "".join(c for c in parts if c in TONES)
    return unicodedata.normalize("NFC", "".join(c for c in parts if c not in TONES)), tone


@lru_cache(maxsize=65_536)
def is_syllable(word: str) -> bool:
    """Return whether `word` (lower case) is spelled like a Vietnamese syllable, or like one without accents.

    Accents may be missing in part, as people leave them out ("đuong"); wrong ones are not forgiven ("đuòng").

    >>> is_syllable("giấy"), is_syllable("giay"), is_syllable("giaays")
    (True, True, False)
    """
    if len(word) > _LONGEST:
        return False
    bare, tone = split_tone(word)
    if not tone and fold(word) == word.replace("đ", "d"):
        return fold(word) in _sounds().folded
    return _is_exact(bare, tone) or (not tone and _has_rime(bare))


def _has_rime(bare: str) -> bool:
    return bare in _sounds().onset


def _is_exact(bare: str, tone: str) -> bool:
    if bare not in _sounds().onset or len(tone) > 1:
        return False
    return not bare.endswith(_STOPS) or tone in _ON_STOPS


def compose(bare: str, tone: str) -> str | None:
    """Return the syllable `bare` (toneless) under the mark `tone`, None where the two do not make one.

    >>> compose("giây", "\u0301")
    'giấy'
    """
    sounds = _sounds()
    if not _is_exact(bare, tone) or bare in sounds.loans:
        return None
    if not tone:
        return bare
    at = _nucleus(bare, sounds.onset[bare])
    return unicodedata.normalize("NFC", bare[: at + 1] + tone + bare[at + 1 :])


def _nucleus(bare: str, onset: int) -> int:
    vowels = [i for i in range(onset, len(bare)) if bare[i] in _VOWELS]
    if bare[onset:] == "" or not vowels:  # "gi": its vowel is in the onset
        return onset - 1
    shaped = [i for i in vowels if bare[i] in _SHAPED]
    if shaped:
        return shaped[-1]
    if vowels[-1] < len(bare) - 1:
        return vowels[-1]
    if len(vowels) == 3:
        return vowels[1]
    return vowels[0]
