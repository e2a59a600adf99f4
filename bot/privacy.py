"""Masks personal data before anything is stored, logged or searched (DESIGN, decision 7).

Works on a "shadow" of the text: folded, of the same length, in which everything already recognised is
blanked out, so that a dossier code, a date or an amount is never taken for somebody's number, and nothing is
found twice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from unicodedata import normalize

from pydantic import BaseModel, ConfigDict

from procedures_kb.yaml_files import read_yaml
from vietnamese import fold

DATA = Path(__file__).with_name("privacy.yaml")
_BLANK = "\ue000"  # private use: stands where something was recognised, matches none of the patterns
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]")


class PersonalData(StrEnum):
    """What was masked. NUMBER is a run of nine or more digits that is none of the others."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    EMAIL = "email"
    CARD = "card"
    ACCOUNT = "account"
    SECRET = "secret"  # noqa: S105  (a kind, not a secret)
    PASSPORT = "passport"
    PLATE = "plate"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without personal data, and the kinds that were found, each once, in the order of the text."""

    text: str
    found: tuple[PersonalData, ...] = ()


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: Mapping[PersonalData, str]
    secret_words: tuple[str, ...]
    weak_secret_words: tuple[str, ...]
    links: tuple[str, ...]
    id_words: tuple[str, ...]
    account_words: tuple[str, ...]
    passport_words: tuple[str, ...]
    money_words: tuple[str, ...]
    currency_words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What `pattern` finds is masked as `kind` (kept as it is where None) if `accept` agrees.

    Where the pattern has a group "value", only that group counts.
    """

    kind: PersonalData | None
    pattern: re.Pattern[str]
    accept: Callable[[str], bool] = lambda _: True


def mask(text: str) -> Masked:
    """Return `text` with personal data replaced by labels such as "[số giấy tờ]".

    Dossier codes, procedure codes, numbers of legal texts, dates and amounts stay. The text comes back in
    Unicode's composed form, without invisible characters; nothing else of it changes.
    """
    clean = normalize("NFC", _INVISIBLE.sub("", text))
    shadow = _shadow(clean)
    spans: list[tuple[int, int, PersonalData]] = []
    for rule in _rules():
        for start, end in _accepted(rule, clean, shadow):
            if _BLANK in shadow[start:end]:
                continue
            shadow = shadow[:start] + _BLANK * (end - start) + shadow[end:]
            if rule.kind is not None:
                spans.append((start, end, rule.kind))
    return _replaced(clean, sorted(spans))


def labels() -> Mapping[PersonalData, str]:
    """Return the label that stands for each kind in a masked text."""
    return MappingProxyType(dict(_words().labels))


def _accepted(rule: _Rule, text: str, shadow: str) -> Iterator[tuple[int, int]]:
    group = "value" if "value" in rule.pattern.groupindex else 0
    for match in rule.pattern.finditer(shadow):
        start, end = match.span(group)
        if start >= 0 and rule.accept(text[start:end]):
            yield start, end


def _replaced(text: str, spans: list[tuple[int, int, PersonalData]]) -> Masked:
    if not spans:
        return Masked(text)
    names, parts, at = labels(), [], 0
    for start, end, kind in spans:
        parts += [text[at:start], names[kind]]
        at = end
    return Masked("".join([*parts, text[at:]]), tuple(dict.fromkeys(kind for _, _, kind in spans)))


def _shadow(text: str) -> str:
    # Letter by letter, so that positions in the shadow are positions in the text; upper case is kept where it
    # tells something (passports, plates), therefore only accents go here and the patterns ignore case.
    return "".join(_plain(letter) for letter in text)


def _plain(letter: str) -> str:
    folded = letter if letter.isascii() else fold(letter)
    if len(folded) != 1:
        return letter
    return folded.upper() if letter.isupper() else folded


@cache
def _words() -> _Words:
    return _Words.model_validate(read_yaml(DATA))


def _any_of(words: Iterable[str]) -> str:
    """Alternatives of folded `words`, the longest first, each with any run of spaces inside."""
    longest_first = sorted({fold(word) for word in words}, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s{1,3}") for word in longest_first) + ")"


_SEPARATED = r"\d(?:[\s.\-]{0,2}\d)"  # digits with at most a space, a dot, a dash between them
_NUMBER = rf"(?<!\d){_SEPARATED}{{8,24}}(?!\d)"
_WORD = r"[^\W\d_]{1,10}"


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


def _luhn(text: str) -> bool:
    digits = [int(d) for d in _digits(text)]
    if not 13 <= len(digits) <= 19:
        return False
    doubled = [sum(divmod(2 * d, 10)) for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _years(text: str) -> bool:
    """Whether digits are only years in a row ("2019 2020 2021")."""
    return all(re.fullmatch(r"(?:19|20)\d{2}", group) for group in re.findall(r"\d+", text))


def _a_number(text: str) -> bool:
    return not _years(text)


def _id_length(text: str) -> bool:
    return len(_digits(text)) in {9, 12} and not _years(text)


def _phone(text: str) -> bool:
    return 9 <= len(_digits(text)) <= 13


def _password(text: str) -> bool:
    """Whether a word after "mật khẩu" is one, and not more of the sentence.

    No Vietnamese syllable has more than seven letters, a digit, or a sign inside.
    """
    body = text.strip("\"'().,;!?")
    if len(body) < 4:
        return False
    return not body.isalpha() or len(body) > 7


def _password_of_two_sorts(text: str) -> bool:
    body = text.strip("\"'().,;!?")
    return _password(text) and not body.isalpha() and not body.isdecimal()


@cache
def _rules() -> tuple[_Rule, ...]:
    """The rules in order: codes that stay, what a word announces, what else stays, what is told by form."""
    return (*_codes(), *_announced(_words()), *_kept(_words()), *_by_form())


def _rule(kind: PersonalData | None, pattern: str, accept: Callable[[str], bool] = lambda _: True) -> _Rule:
    return _Rule(kind, re.compile(pattern, re.IGNORECASE), accept)


def _codes() -> Iterator[_Rule]:
    agency = r"(?=[\d.]{0,20}[A-Z])(?:[A-Z]?\d{1,3}\.){0,6}[A-Z]?\d{1,3}"
    yield _rule(None, rf"(?<![\w.]){agency}\s?-\s?\d{{6}}\s?-\s?\d{{3,6}}(?!\d)")  # a dossier
    yield _rule(
        None, r"(?<!\d)(?<!\d\.)[1-9]\.\d{6}(?:\.\d{3}\.\d{2}\.\d{2}\.[A-Z]\d{2})?(?!\.?\d)"
    )  # a procedure
    yield _rule(None, r"(?<!\d)\d{1,5}/(?:\d{4}/)?[A-Z]{2,6}\d{0,2}(?:-[A-Z]{2,6})*(?!\w)")  # a legal text


def _announced(words: _Words) -> Iterator[_Rule]:
    link = _any_of(words.links)
    secret, weak = _any_of(words.secret_words), _any_of(words.weak_secret_words)
    gap = rf"(?:\s{{1,3}}{_WORD}){{0,5}}?\s{{0,3}}"
    few_digits = r"\d(?:[ .\-]?\d){3,7}(?!\d)"
    token = rf"[^\s\[\]{_BLANK}]{{4,64}}"
    kind = PersonalData
    yield _rule(kind.EMAIL, r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}(?!\w)")
    yield _rule(kind.SECRET, rf"(?<!\w){secret}{gap}(?:{link}\s{{0,3}})?(?<!\w)(?P<value>{few_digits})(?!\w)")
    yield _rule(kind.SECRET, rf"(?<!\w)(?P<value>{few_digits})\s{{1,3}}{link}\s{{1,3}}{secret}(?!\w)")
    yield _rule(kind.SECRET, rf"(?<!\w){secret}{gap}{link}\s{{0,3}}(?P<value>{token})", _password)
    yield _rule(kind.SECRET, rf"(?<!\w){secret}\s{{1,3}}(?P<value>{token})", _password_of_two_sorts)
    yield _rule(kind.SECRET, rf"(?<!\w){weak}\s{{0,3}}{link}\s{{0,3}}(?P<value>{token})", _password)
    yield _rule(kind.SECRET, rf"(?<!\w){weak}\s{{1,3}}(?P<value>{token})", _password_of_two_sorts)
    numbered = rf"(?:\s{{0,3}}{link})?{gap}(?:{link}\s{{0,3}})?"
    yield _rule(
        kind.ID_NUMBER, rf"(?<!\w){_any_of(words.id_words)}{numbered}(?P<value>{_NUMBER})", _id_length
    )
    account = rf"(?P<value>(?<!\d){_SEPARATED}{{5,18}}(?!\d))"
    yield _rule(kind.ACCOUNT, rf"(?<!\w){_any_of(words.account_words)}{numbered}{account}")
    passport = r"(?P<value>(?<!\w)[A-Z]\s?\d{7,8}(?!\d))"
    yield _rule(kind.PASSPORT, rf"(?<!\w){_any_of(words.passport_words)}{numbered}{passport}")


def _kept(words: _Words) -> Iterator[_Rule]:
    grouped = r"[1-9]\d{0,2}(?:[.,]\d{3})+(?![.,]?\d)"
    plain = r"(?<!\d)[1-9]\d{0,14}(?:[.,]\d{1,3})?(?!\d)"
    currency, money = _any_of(words.currency_words), _any_of(words.money_words)
    yield _rule(None, rf"(?<![\d.,])(?P<value>{grouped})\s?{currency}(?!\w)")
    yield _rule(None, rf"(?<!\w){money}(?:\s{{1,3}}{_WORD}){{0,2}}\s{{1,3}}(?P<value>{grouped})")
    yield _rule(None, rf"(?<![\d.,])(?P<value>{plain})\s?{currency}(?!\w)")
    yield _rule(None, r"(?<!\d)\d{1,2}([/.\-])\d{1,2}\1(?:19|20)\d{2}(?!\d)")  # a date


def _by_form() -> Iterator[_Rule]:
    kind, sep = PersonalData, r"[\s.\-()]{0,3}"
    yield _rule(kind.CARD, rf"(?<!\d){_SEPARATED}{{12,18}}(?!\d)", _luhn)
    yield _rule(
        kind.PHONE,
        rf"(?<![\d+])(?:\+\s?84|0084|\(?\+84\)?){sep}\(?0?\)?{sep}\d(?:{sep}\d){{7,9}}(?!\d)",
        _phone,
    )
    yield _rule(kind.PHONE, rf"(?<!\d)\(?0[235789](?:{sep}\d){{8,9}}(?!\s?\d)", _phone)
    yield _rule(kind.PHONE, rf"(?<![\d+])\+\d(?:{sep}\d){{7,13}}(?!\d)")
    yield _rule(
        kind.PLATE, r"(?<!\w)[1-9]\d\s?-?\s?[A-Z][A-Z\d]?\s?[-.\s]\s?(?:\d{3}[.\s]?\d{2}|\d{4})(?!\w)"
    )
    yield _rule(kind.ID_NUMBER, _NUMBER, _id_length)
    yield _Rule(kind.PASSPORT, re.compile(r"(?<!\w)[A-Z]\d{7,8}(?!\w)"))
    yield _rule(kind.NUMBER, _NUMBER, _a_number)
