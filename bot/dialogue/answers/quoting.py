"""Quotes the portal's own sentences, where an operator's import brought them (DESIGN, "Records")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from bot.dialogue.answers.formatting import day
from bot.replies.renderer import Replies
from procedures_kb.aspect import Aspect
from procedures_kb.importers.contract import Wording
from procedures_kb.model import Procedure

MAX_CHARACTERS = 900  # a Zalo message holds 2,000 with the facts before it; the portal's page has the rest
_SENTENCE_END = re.compile(r"[.;:!?…](?=\s)|\n")
_BLANKS = re.compile(r"[ \t]*\n\s*")


class Wordings(Protocol):
    """Where the official wordings are kept."""

    def wording(self, wording_id: str) -> Wording | None:
        """Return the wording of that id; None where it cannot be had."""


def quote(replies: Replies, wordings: Wordings | None, procedure: Procedure, aspect: Aspect) -> str | None:
    """Return the portal's own sentences about `aspect` with their date; None where there are none."""
    if wordings is None or procedure.wording is None or aspect not in _TEXTS:
        return None
    wording = wordings.wording(procedure.wording)
    text = None if wording is None else _TEXTS[aspect](wording)
    if wording is None or not text:
        return None
    shown = cut(_BLANKS.sub("\n", text.strip()))
    return replies.render("quote", text=shown, day=day(wording.taken), more=len(shown) < len(text.strip()))


def cut(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Return the beginning of `text` up to the last end of a sentence within `limit` characters."""
    if len(text) <= limit:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, limit)]
    if ends and ends[-1] >= limit // 3:
        return text[: ends[-1]].strip()
    return text[:limit].rsplit(maxsplit=1)[0]


def _papers(wording: Wording) -> str:
    lines: list[str] = []
    case: str | None = None
    for paper in wording.papers:
        if paper.case and paper.case != case:
            lines.append(paper.case)
        case = paper.case
        lines.append(f"- {paper.name}")
    return "\n".join(lines)


_TEXTS: Mapping[Aspect, Callable[[Wording], str | None]] = {
    Aspect.STEPS: lambda wording: wording.steps,
    Aspect.CONDITIONS: lambda wording: wording.conditions,
    Aspect.DOCUMENTS: _papers,
}
