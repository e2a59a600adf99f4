"""When a paper is needed: conditions and exceptions of a row, said in at most 25 words or left vague."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from procedures_kb.build.phrases import hangs, phrase
from procedures_kb.build.rules import paper_rules, pattern
from procedures_kb.build.text import clean, first_sentence, has_letters, strip_bullets, tidy, words
from procedures_kb.model import MAX_WHEN_WORDS, DocumentKind, Paper
from vietnamese import fold

_CHARS = 150
_MIN_TITLE = 3
_MIN_HEAD = 8


def split_when(text: str) -> tuple[str, str | None]:
    """Take the condition out of a row: "(nếu có)", "Trường hợp X thì nộp Y", "Y (đối với X)", "Y trừ X"."""
    rules = paper_rules()
    lead = rules.lead_case.match(text)
    if lead and len(text) - lead.end() >= _MIN_HEAD:
        return text[lead.end() :], when_of(lead[1], noun=_is_noun_marker(text))
    subject = pattern("papers.lead_subject").match(text)
    if subject and rules.paper_head.match(strip_bullets(text[subject.end() :])):
        return text[subject.end() :], when_of(subject[1], noun=True)
    if channel := pattern("papers.channel_bracket").search(text):
        return text[: channel.start()], when_of(channel[1])
    sentence = first_sentence(text)
    if unless := pattern("papers.unless").search(sentence):
        return sentence[: unless.start()] + sentence[unless.end() :], _unless(unless[1])
    if rules.if_any.search(sentence):
        return rules.if_any.sub("", text), rules.if_any_text
    if used := pattern("papers.used_for").search(sentence):
        return sentence[: used.start()] + sentence[used.end() :], when_of(used[1])
    excepted = pattern("papers.exception").search(sentence)
    if excepted and excepted.start() >= _MIN_HEAD:
        if _of_content(sentence[: excepted.start()], excepted.group()):
            return pattern("papers.content").split(sentence[: excepted.start()], maxsplit=1)[0], None
        return _excepted(sentence[: excepted.start()], excepted[1], excepted[2])
    tail = pattern("papers.inline_strong").search(sentence) or rules.inline_case.search(sentence)
    if tail and tail.start() >= _MIN_HEAD:
        head = sentence[: tail.start()]
        if pattern("papers.case_inside").search(head):  # each option has its own condition
            return text, None
        if pattern("papers.law_asks").search(head) or pattern("papers.no_case").match(tail.group()):
            return head, None
        if _of_content(head, tail.group()):
            return pattern("papers.content").split(head, maxsplit=1)[0], None
        return head, when_of(tail[1], noun=_is_noun_marker(tail.group()))
    return text, _of_the_rest(text, sentence)


def _of_content(head: str, condition: str) -> bool:
    """Return whether a condition is one of what the paper says ("trong đó ghi rõ …"), not of the paper."""
    bracketed = condition.lstrip(" ,;.").startswith("(") or head.count("(") > head.count(")")
    return not bracketed and bool(pattern("papers.content").search(head))


def _of_the_rest(text: str, sentence: str) -> str | None:
    """Return the condition told at the end of a row of two papers ("A; B đối với trường hợp …")."""
    rest = text[len(sentence) :].strip(" ;.")
    if rest and ";" not in rest and not pattern("papers.new_sentence").search(text[len(sentence) :]):
        tail = pattern("papers.inline_strong").search(rest)
        return when_of(tail[1]) if tail and tail.start() >= _MIN_HEAD else None
    return None


def _excepted(head: str, marker: str, text: str) -> tuple[str, str | None]:
    """Return the row without its exception, and the exception; one that breaks off is said vaguely."""
    rules = paper_rules()
    before, when = split_when(head)
    text = pattern("papers.when_noun_lead").sub("", shorter(text))
    told = tidy(f"{marker.lower()} {text}")
    whole = words(told) <= MAX_WHEN_WORDS and len(told) <= _CHARS and not hangs(told)
    said = told if whole and not pattern("papers.when_law").search(told) else rules.except_vague
    if when is None:
        return before, said
    if when == rules.when_vague:
        return before, when
    both = (f"{when}, {said}", f"{when}, {rules.except_vague}")
    return before, next((wanted for wanted in both if _fits(wanted)), rules.when_vague)


def _fits(when: str) -> bool:
    return words(when) <= MAX_WHEN_WORDS


def _unless(text: str) -> str:
    """Return the exception of a paper that need not be handed in where `text` holds."""
    rules = paper_rules()
    told = tidy(f"{rules.unless} {text}")
    whole = words(told) <= MAX_WHEN_WORDS and len(told) <= _CHARS and not hangs(told)
    return told if whole and not pattern("papers.when_law").search(told) else rules.except_vague


def shorter(text: str) -> str:
    """Say the law's long terms of a condition shorter."""
    for short in paper_rules().when_shorter:
        text = short.pattern.sub(short.say, text)
    return text


def _is_noun_marker(marker: str) -> bool:
    """Return whether a condition begins with "đối với" and a noun, and not with "trường hợp"."""
    return bool(pattern("papers.noun_marker").match(marker))


def when_of(text: str, *, noun: bool = False) -> str | None:
    """Return the condition of a paper so that it reads after a dash ("nếu ủy quyền", "khi nộp trực tiếp").

    What cannot be said whole is said of "some" ("đối với một số hộ kinh doanh"), never as if it held for
    all; what cannot be said at all is still told to exist. None where the text holds no condition.
    `noun` tells that the source says "đối với".
    """
    rules = paper_rules()
    text = tidy(strip_bullets(tidy(strip_bullets(text))))
    if len(text) < _MIN_TITLE or not has_letters(text):
        return None
    for known in rules.when_known:
        if known.pattern.search(text):
            return known.say
    text = pattern("papers.when_replaced").sub("", pattern("papers.when_lead").sub("", text))
    text = pattern("papers.when_and").split(text, maxsplit=1)[0]
    text = shorter(text)
    for begin in _beginnings(text, noun):
        room = MAX_WHEN_WORDS - len(begin.split())
        said = phrase(text, limit=_CHARS, max_words=room)
        if said and not hangs(said) and _is_whole(said, text):
            return _joined(begin, said) or _lawful(text) or rules.when_vague
    return _lawful(text) or _partly(text)


def _lawful(text: str) -> str | None:
    """Return a condition that is only a paragraph of a named act ("nếu thuộc khoản 4 Điều 20 Luật …")."""
    match = pattern("papers.law_case").match(text)
    if match is None:
        return None
    law = tidy(pattern("papers.law_words").sub(" ", match[1]))
    said = paper_rules().when_by_law.format(law=law)
    return said if _fits(said) and len(said) <= _CHARS else None


def _beginnings(text: str, noun: bool) -> tuple[str, ...]:
    rules = paper_rules()
    if pattern("papers.when_begun").match(text):
        return ("",)
    named = pattern("papers.when_noun").match(text)
    verb = pattern("papers.when_verb").search(text)
    if noun or (named and not verb):
        return rules.when_noun, rules.when_for
    return (rules.when_verb,)


def _joined(begin: str, said: str) -> str | None:
    """Return the condition with its conjunction; None where it leans on the law's text or breaks off."""
    if pattern("papers.when_law").search(said):
        return None
    said = said if pattern("papers.proper").match(said) else said[:1].lower() + said[1:]
    told = f"{begin} {said}".strip()
    return told if not hangs(told) else None


def _is_whole(said: str, text: str) -> bool:
    """Return whether only a purpose, a cause or a reference to the law was cut off."""
    at = text.find(said)
    rest = text[at + len(said) :] if at >= 0 else ""
    return not rest.strip(" ,.;)") or bool(pattern("papers.may_go").match(rest))


def _partly(text: str) -> str:
    """Say a condition that had to be cut as one of some: its list or its qualification is not whole."""
    rules = paper_rules()
    begun = pattern("papers.when_begun").match(text)
    named = pattern("papers.when_noun").match(text) and not begun
    begin = rules.some_noun if named else rules.some_verb
    if named:
        text = pattern("papers.plural").sub("", text)
    said = None if begun else phrase(text, limit=_CHARS, max_words=MAX_WHEN_WORDS - len(begin.split()))
    verb = said and pattern("papers.when_verb").search(said)
    if named and verb:
        begin = rules.some_verb
        said = phrase(text, limit=_CHARS, max_words=MAX_WHEN_WORDS - len(begin.split()))
    if said is None or hangs(said) or pattern("papers.when_law").search(said):
        return rules.when_vague
    if not named and (pattern("papers.no_some").match(said) or words(said) < _MIN_TITLE):
        return rules.when_vague
    return _joined(begin, said) or rules.when_vague


def told_elsewhere(rows: Iterable[str]) -> Callable[[Paper], Paper]:
    """Return what gives a paper the condition that another row tells ("Trường hợp X thì hồ sơ còn có Y")."""
    told: list[tuple[str, str]] = []
    for row in rows:
        for match in pattern("papers.also_needs").finditer(pattern("rows.no_space").sub(". ", clean(row))):
            when = when_of(match[1])
            if when and when != paper_rules().when_vague:
                told.append((fold(match[2]), when))

    def conditioned(paper: Paper) -> Paper:
        if paper.when is not None or paper.kind is DocumentKind.NOTE:
            return paper
        name = fold(paper.name)
        when = next((when for text, when in told if text.startswith(name)), None)
        return paper.model_copy(update={"when": when}) if when else paper

    return conditioned


def authorised(paper: Paper, case: str | None) -> Paper:
    """Give a letter of authority, and a form that is filled in online, the condition that each has."""
    if paper.when is not None or paper.kind is DocumentKind.NOTE:
        return paper
    if pattern("papers.online_form").match(paper.name):
        return paper.model_copy(update={"when": paper_rules().when_online})
    if not pattern("papers.authority").match(paper.name) or re.search("ủy quyền", case or "", re.IGNORECASE):
        return paper
    return paper.model_copy(update={"when": paper_rules().when_authorised})
