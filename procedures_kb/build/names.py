"""Names: in one spelling, short enough for a button, and the family that level twins share."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from procedures_kb.build.reviewed import known, reviewed_families, reviewed_short_names
from procedures_kb.build.rules import compounds, name_rules, pattern
from procedures_kb.build.text import balance, capitalise, clean, is_upper, tidy, whole_words, without_brackets
from procedures_kb.model import MAX_SHORT_NAME, Level
from vietnamese import fold, syllables

Named = tuple[str, tuple[Level, ...]]

_OWN = 30
_OWN_LONG = 42
_FEWEST = 2  # a single word at the end ("… 1") says nothing
_REACH = 5  # words that may be added before those that differ, so that they start where a clause does


def name_of(*candidates: str | None) -> str:
    """Return the first name that is there, normalised, without trailing punctuation."""
    for candidate in candidates:
        name = clean(candidate or "").rstrip(" .;,:")
        if name:
            return balance(capitalise(_sentence_case(_numbering_off(name))))
    raise ValueError("a procedure without a name")


def _sentence_case(name: str) -> str:
    if not is_upper(re.sub(r"\([^()]*\)", "", name)):
        return name
    return re.sub(r"\b(ubnd|hđnd|bhxh|bhyt)\b", lambda m: m[0].upper(), name.lower())


def _numbering_off(name: str) -> str:
    shorter = re.sub(r"^(?:\d{1,3}\s*[.)]\s*)+(?=\D)", "", name)
    return shorter.strip() or name


def without_level(name: str) -> str:
    """Return `name` without the words that only tell the level."""
    for words in name_rules().level_words:
        shorter = words.sub("", name).strip(" ,-")
        name = shorter if len(shorter) >= 8 else name
    return name


def family_of(name: str) -> str:
    """Return the family's key: the folded name without level words, prefix and punctuation."""
    bare = without_level(name_rules().prefix.sub("", name, count=1))
    return " ".join(syllables(fold(bare))) or " ".join(syllables(fold(name)))


def settled_families(families: Mapping[str, str]) -> dict[str, str]:
    """Return the family of each code, from those that `family_of` found and those decided by people.

    A decision about a code that `families` lacks is passed over: the sources change, and samples are small.
    """
    settled = dict(families)
    decided = reviewed_families()
    for code in known(decided.apart, families):
        settled[code] = f"{families[code]} {fold(decided.apart[code])}"
    for group in decided.together:
        codes = known(group, families)
        settled.update(dict.fromkeys(codes, settled[codes[0]]) if codes else {})
    return settled


def short_names(named: Mapping[str, Named], unserved: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return a short name of at most 60 characters for each code, all of them different.

    The reviewed names go first, also for a record that has the title and the levels of a reviewed one. The
    rest is shortened by rules; names cut alike are told apart by their level or by the words in which they
    differ, and at last by their code. Codes in `unserved` (other provinces' own versions) give way.
    """
    short = _reviewed(named)
    rest = {code: named[code] for code in named if code not in short}
    taken = {label.lower() for label in short.values()}
    cut = {code: shorten_name(name) for code, (name, _) in rest.items()}
    clashes: dict[str, list[str]] = defaultdict(list)
    for code, label in cut.items():
        clashes[label.lower()].append(code)
    for label, codes in clashes.items():
        if len(codes) > 1 or label in taken:
            cut.update(_apart({code: named[code] for code in codes}))
    return _with_code(short | cut, unserved)


def _with_code(short: Mapping[str, str], unserved: frozenset[str]) -> dict[str, str]:
    """Put the code behind a label that several still share: nothing else tells them apart."""
    sharing: dict[str, list[str]] = defaultdict(list)
    for code, label in short.items():
        sharing[label.lower()].append(code)
    told = dict(short)
    for codes in sharing.values():
        if len(codes) > 1:
            served = [code for code in codes if code not in unserved]
            for code in codes if len(served) > 1 else sorted({*codes} - {*served}):
                ending = f" ({code})"
                told[code] = _cut(short[code], MAX_SHORT_NAME - len(ending)) + ending
    return told


def _reviewed(named: Mapping[str, Named]) -> dict[str, str]:
    reviewed = reviewed_short_names()
    short = {code: reviewed[code] for code in known(reviewed, named)}
    same = {(fold(named[code][0]), named[code][1]): label for code, label in short.items()}
    for code, (name, levels) in named.items():
        label = same.get((fold(name), levels))
        if label is not None:
            short.setdefault(code, label)
    return short


def shorten_name(name: str, limit: int = MAX_SHORT_NAME) -> str:
    """Return a title shortened by rules: prefix, level, brackets, law references, common words."""
    rules = name_rules()
    text = rules.prefix.sub("", name, count=1) or name
    text = pattern("names.level").sub(r"(cấp \1)", capitalise(text))
    for step in (str, without_level, _without_law, _abbreviated, without_brackets):
        shorter = tidy(step(text))
        text = capitalise(shorter) if len(shorter) >= 3 else text
        if len(text) <= limit:
            return text
    return _cut(text, limit)


def _without_law(text: str) -> str:
    for phrase in name_rules().boilerplate:
        text = phrase.sub("", text)
    return text


def _abbreviated(text: str) -> str:
    for full, brief in name_rules().abbreviations:
        text = text.replace(full, brief)
    return text


def _cut(text: str, limit: int) -> str:
    cuts = [m.start() for m in name_rules().clause.finditer(text) if m.start() <= limit]
    good = [at for at in cuts if at >= limit * 0.6]
    if good:
        cut = tidy(text[: good[-1]])
        if len(cut) >= 10:
            return cut
    return tidy(whole_words(text, text[: limit + 1].rsplit(" ", 1)[0]))


def _apart(clashing: Mapping[str, Named]) -> dict[str, str]:
    by_level = _with_level(clashing)
    if len(set(by_level.values())) == len(by_level):
        return by_level
    return _with_difference(clashing)


def _with_level(clashing: Mapping[str, Named]) -> dict[str, str]:
    words = name_rules().level_short
    labels = {}
    for code, (name, levels) in clashing.items():
        told = _level_told(name) or (words[levels[0].value] if len(levels) == 1 else "")
        tail = f" ({told})" if told else ""
        labels[code] = shorten_name(name, MAX_SHORT_NAME - len(tail)) + tail
    return labels


def _level_told(name: str) -> str | None:
    """The level that the title names; None where it names several ("tại cấp tỉnh, cấp xã")."""
    found = {level.lower() for level in re.findall(r"cấp (xã|tỉnh|bộ|trung ương)", name, re.IGNORECASE)}
    return f"cấp {found.pop()}" if len(found) == 1 else None


def _with_difference(clashing: Mapping[str, Named]) -> dict[str, str]:
    """Say the start, then the words that the others do not have ("Cấp GP khai thác … nước mặt").

    Where that is not enough, more of those words; at last the level.
    """
    labels = _differing(clashing, _OWN)
    for again in (lambda group: _differing(group, _OWN_LONG), _with_level):
        counts = Counter(label.lower() for label in labels.values())
        group = {code: clashing[code] for code, label in labels.items() if counts[label.lower()] > 1}
        if group:
            labels.update(again(group))
    return labels


def _differing(clashing: Mapping[str, Named], room: int) -> dict[str, str]:
    names = _told(clashing)
    counts = Counter(word for name in names.values() for word in set(_bare_words(name)))
    labels = {}
    for code, name in names.items():
        own, at_clause = _own_words(name, counts, len(names), room)
        join = 3 if at_clause else 2
        head = shorten_name(name, MAX_SHORT_NAME - len(own) - join if own else MAX_SHORT_NAME)
        said = own and own.lower() not in head.lower()
        labels[code] = tidy(f"{head} ({own})" if at_clause else f"{head}… {own}") if said else head
    return labels


def _told(clashing: Mapping[str, Named]) -> dict[str, str]:
    """The titles without prefix and level, and without the law unless only that tells them apart."""
    prefix = name_rules().prefix
    bare = {
        code: without_level(prefix.sub("", name, count=1) or name) for code, (name, _) in clashing.items()
    }
    lawless = {code: tidy(_without_law(name)) or name for code, name in bare.items()}
    return lawless if len(set(lawless.values())) == len(lawless) else bare


def _bare_words(name: str) -> list[str]:
    return name.lower().replace("(", " ").replace(")", " ").split()


def _own_words(name: str, counts: Counter[str], total: int, room: int) -> tuple[str, bool]:
    """The words in which `name` differs from the names cut alike, and whether a clause starts with them.

    Words that start inside a clause must not stand alone in brackets: they would read as something else.
    """
    words = name.replace("(", " ( ").replace(")", " ").split()
    rare = [at for at, word in enumerate(words) if word != "(" and counts[word.lower()] < total]
    if not rare:
        return "", False
    start = rare[0]
    while start > 0 and (words[start - 1].lower(), words[start].lower()) in compounds():
        start -= 1
    start = max(min(start, len(words) - _FEWEST), 0)
    start, at_clause = _clause_start(words, start)
    rest = " ".join(word for word in words[start:] if word != "(")
    return (_cut(rest, room) if len(rest) > room else tidy(rest)), at_clause


def _clause_start(words: list[str], start: int) -> tuple[int, bool]:
    for back in range(min(_REACH, start) + 1):
        at = start - back
        before = words[at - 1] if at else ""
        if not at or before == "(" or before[-1] in ",;:" or name_rules().opening.fullmatch(before):
            return at, True
    return start, False


def twins(families: Iterable[tuple[str, str]]) -> set[str]:
    """Return the codes whose family has several members, from (code, family) pairs."""
    members: dict[str, list[str]] = defaultdict(list)
    for code, family in families:
        members[family].append(code)
    return {code for codes in members.values() if len(codes) > 1 for code in codes}
