"""Short phrases that end where a thought ends: what does not fit is said shorter, or not at all."""

from __future__ import annotations

from procedures_kb.build.rules import pattern
from procedures_kb.build.text import first_sentence, tidy, without_boilerplate, without_brackets, words
from procedures_kb.model import MAX_PHRASE_WORDS

_CHARS = 130
_READ = 700
_SHORTEST = 4


def hangs(text: str) -> bool:
    """Return whether `text` breaks off: it ends in a conjunction, a bare verb, or a subject without verb."""
    return bool(pattern("endings.hanging").search(text) or pattern("endings.subordinate").search(text))


def is_fragment(text: str) -> bool:
    """Return whether a statement says nothing: no verb in it, or only a subject, or only an occasion."""
    return (
        hangs(text)
        or not pattern("endings.predicate").search(text)
        or bool(pattern("endings.occasion").fullmatch(text))
    )


def phrase(
    text: str, *, limit: int = _CHARS, max_words: int = MAX_PHRASE_WORDS, statement: bool = False
) -> str | None:
    """Return `text` as a phrase that ends at a natural boundary; None where that cannot be had.

    A `statement` must keep its verb: where the cut would leave the subject alone, its predicate is taken.
    """

    def fits(candidate: str) -> bool:
        return len(candidate) <= limit and words(candidate) <= max_words

    candidate = tidy(text[:_READ])
    for cut in (first_sentence, without_boilerplate, without_brackets):
        if fits(candidate):
            break
        shorter = tidy(cut(candidate))
        candidate = shorter if len(shorter) >= _SHORTEST else candidate
    if fits(candidate):
        return candidate if len(candidate) >= _SHORTEST and not hangs(candidate) else None
    for head in _heads(candidate):
        if fits(head) and not hangs(head) and not (statement and _loses_verb(head, candidate)):
            return head
    duty = _own_duty(candidate) if statement else None
    return phrase(duty, limit=limit, max_words=max_words) if duty else None


def _own_duty(text: str) -> str | None:
    """Return the sentence from its duty on ("phải nộp …"); None where an office's, or of one case only."""
    match = pattern("endings.duty").search(text)
    if match is None or match.start() == 0:
        return None
    subject = text[: match.start()]
    if pattern("endings.office").search(subject) or pattern("endings.nested").search(subject):
        return None
    return text[match.start() :].strip()


def _heads(text: str) -> list[str]:
    """Return the beginnings of `text` that end before a natural boundary, longest first."""
    cuts = [match.start() for match in pattern("endings.boundary").finditer(text)]
    heads = [tidy(text[:at]) for at in reversed(cuts)]
    return [head for head in heads if words(head) > 1 and len(head) >= _SHORTEST]


def _loses_verb(head: str, text: str) -> bool:
    modal = pattern("endings.modal").search(text)
    duty = pattern("endings.duty").search(text)
    if not pattern("endings.verb_first").match(head) and (
        (modal and modal.start() >= len(head)) or (duty and duty.start() >= len(head))
    ):
        return True
    return is_fragment(head)
