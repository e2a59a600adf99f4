"""Guides as they are walked, and as the terminal prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from bot.dialogue.answers import AnswerWriter
from bot.dialogue.answers.cards import CardWriter
from bot.dialogue.guide import GuideView, StepView
from bot.dialogue.guide_book import GuideBook
from bot.dialogue.knowledge import Knowledge
from bot.replies.renderer import Replies
from procedures_kb.catalogue import Catalogue
from procedures_kb.guides import GuideSource
from procedures_kb.model import Record, Text
from procedures_kb.yaml_files import read_model


class BrokenTexts(ValueError):
    """`guide_cli.yaml` cannot be used; the message names the place and the reason."""


class Texts(Record):
    """The file `guide_cli.yaml`: what `troly guide` says in the terminal."""

    columns: tuple[Text, ...]
    total: Text
    ends: Text
    audience: Text
    needs: Text
    ask: Text
    step: Text
    only_if: Text
    where: Text
    see: Text
    stuck: Text
    own_hands: Text
    helper: Text
    done: Text
    next: Text
    sources: Text
    checked: Text
    picture: Text


@lru_cache(maxsize=1)
def load_texts() -> Texts:
    """Read the file. Raises BrokenTexts."""
    return read_model(Path(__file__).with_name("guide_cli.yaml"), Texts, BrokenTexts)


def written_views() -> Mapping[str, GuideView]:
    """Return every written guide as it is walked, by id, in the order of the menu.

    Reads the reviewed data, no catalogue. Raises the error of the file that is broken.
    """
    replies, catalogue = Replies.load(), Catalogue(())
    known = Knowledge.load(catalogue)
    book = GuideBook(known, replies, AnswerWriter(replies, CardWriter(known.cards, catalogue, replies)))
    views = {name: book.view(name) for name in known.guides}
    return {name: view for name, view in views.items() if view is not None}


def view_lines(view: GuideView, sources: Sequence[GuideSource], words: Texts) -> Iterator[str]:
    """Yield all of a guide as lines of plain text; `sources` are its own, a procedure's way has `closing`."""
    yield f"{view.title}  [{view.id}]"
    yield from filter(None, (view.intro,))
    if view.needs:
        yield f"\n{words.needs}:"
        yield from (f"  • {need}" for need in view.needs)
    if view.helper:
        yield f"{words.helper}: {view.helper}"
    for ask in view.asks:
        yield f"\n{words.ask}: {ask.ask}"
        for option in ask.options:
            yield f"  • {option.label}" + (f" → {option.go}" if option.go else "")
        yield from (f"  {text}" for text in (ask.help,) if text)
    for number, step in enumerate(view.steps, start=1):
        yield from _step_lines(view, number, step, words)
    yield f"\n{words.done}: {view.done}"
    if view.next:
        yield f"{words.next}: {', '.join(view.next)}"
    if sources:
        yield f"\n{words.sources}:"
        yield from (f"  • {s.what}, {words.checked} {s.checked:%d/%m/%Y}: {s.url}" for s in sources)
    elif view.closing:
        yield f"\n{view.closing}"


def _step_lines(view: GuideView, number: int, step: StepView, words: Texts) -> Iterator[str]:
    yield f"\n{words.step} {number}: {step.do}"
    for ask in view.asks:
        if ask.id in step.when:
            labels = [option.label for option in ask.options if option.id in step.when[ask.id]]
            yield f"  ({words.only_if}: {' / '.join(labels)})"
    yield from (
        f"  {title}: {text}" for title, text in ((words.where, step.where), (words.see, step.see)) if text
    )
    if step.own_hands:
        yield f"  {words.own_hands}"
    if step.helper:
        yield f"  {words.helper}: {step.helper}"
    for cause in step.stuck:
        yield f"  {words.stuck}: {cause.when} → {cause.then}"
