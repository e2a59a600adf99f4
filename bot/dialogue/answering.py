"""Short answers in words to the question that a guide or a check has put: "samsung", "chưa có ạ"."""

from __future__ import annotations

from collections.abc import Sequence

from bot.dialogue import commands
from bot.dialogue.check import ASK_CASE, ASK_WAY, FINISHED
from bot.dialogue.commands import Command, Kind
from bot.dialogue.decision import Mark
from bot.dialogue.guide import QUESTION
from bot.dialogue.guide_book import GuideBook
from bot.dialogue.procedure_steps import guide_id
from bot.dialogue.state import CheckPosition, ConversationState
from vietnamese import fold

_BESIDE_A_WORD = 2  # syllables beside the word that answers ("máy samsung của tôi")


def answer_to(state: ConversationState, text: str, book: GuideBook) -> Command | None:
    """Return the answer to the question that a guide or a check has put, None for any other message."""
    if state.check is not None and state.check.running:
        return _check_answer(state.check, text, book)
    if state.check is not None and commands.mentions(text, commands.words().resume_check):
        return Command(Kind.MARK, Mark.RESUME.value)
    if state.guide is None or not state.guide.running:
        return None
    view = book.view(state.guide.guide)
    ask = view.ask(state.guide.step.removeprefix(QUESTION)) if view else None
    if ask is None or not state.guide.step.startswith(QUESTION):
        return None
    chosen = named_option(text, [(option.id, (option.label, *option.words)) for option in ask.options])
    return Command(Kind.OPTION, f"{ask.id}.{chosen}") if chosen else None


def _check_answer(check: CheckPosition, text: str, book: GuideBook) -> Command | None:
    if check.at in {ASK_WAY, ASK_CASE}:
        view = book.view(guide_id(check.code))
        asked = [ask for ask in view.asks if ask.node.startswith(check.at)] if view else []
        options = [(o.id, (o.label, *o.words)) for ask in asked for o in ask.options]
        chosen = named_option(text, options)
        if chosen:
            return Command(Kind.MARK, f"{check.at.removeprefix(QUESTION)}.{chosen}")
    mark = commands.parse_mark(text)
    if mark is None or (check.at == FINISHED and mark in {Mark.HAVE, Mark.LACK, Mark.OTHER}):
        return None
    return Command(Kind.MARK, mark.value)


def named_option(text: str, options: Sequence[tuple[str, Sequence[str]]]) -> str | None:
    """Return the id of the one option that the short answer `text` names; None for none or several."""
    said = commands.bare_answer(text)
    exact = {option_id for option_id, names in options if text.casefold() in {n.casefold() for n in names}}
    exact = exact or {i for i, names in options if said in map(commands.bare_answer, names)}
    if len(exact) == 1:
        return exact.pop()
    found = {
        option_id
        for option_id, names in options
        for name in names
        if said == commands.bare_answer(name) or _told_by(said, fold(name))
    }
    return found.pop() if len(found) == 1 else None


def _told_by(said: str, name: str) -> bool:
    """Return whether a short answer holds a word for an option; anything longer is another question."""
    short = len(said.split()) <= len(name.split()) + _BESIDE_A_WORD
    return short and f" {name} " in f" {said} "
