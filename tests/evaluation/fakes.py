"""A catalogue of three procedures and an assistant that answers by a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.dialogue.decision import Action, Decision
from bot.dialogue.state import ConversationState
from bot.messages import Message, Reply
from bot.search.types import Hit, Ranking, Verdict
from procedures_kb.catalogue import Catalogue
from procedures_kb.model import Detail, Procedure, Source


def procedure(code: str, name: str, family: str | None = None) -> Procedure:
    return Procedure(
        code=code,
        name=name,
        short_name=name[:60],
        family=family or name,
        field="Thử",
        ministry="Bộ Thử",
        source=Source(kind="list", url="https://example.org", retrieved=date(2026, 11, 1)),
        detail=Detail.NAME_ONLY,
    )


def catalogue() -> Catalogue:
    return Catalogue(
        (
            procedure("1.000001", "Đăng ký nuôi chim cảnh", "nuoi chim"),
            procedure("1.000002", "Đăng ký nuôi chim cảnh cấp tỉnh", "nuoi chim"),
            procedure("1.000003", "Cấp giấy phép trồng hoa"),
            procedure("1.000004", "Xóa tên vườn hoa khỏi danh sách"),
        )
    )


def ranking(*families: tuple[str, ...]) -> Ranking:
    hits = tuple(Hit(codes[0], codes, 1.0, 0.5) for codes in families)
    return Ranking(hits, Verdict.ANSWER, 0.9, 1.0, 3, ("lexical",))


@dataclass(frozen=True)
class FakeTurn:
    decision: Decision
    reply: Reply = field(default_factory=lambda: Reply("…"))
    ranking: Ranking | None = None
    state: ConversationState = field(default_factory=ConversationState)


@dataclass
class FakeAssistant:
    """Answers each text by `turns`, refuses any other; remembers what it was told and with which state."""

    turns: Mapping[str, FakeTurn]
    heard: list[tuple[ConversationState, str]] = field(default_factory=list)

    def reply(self, state: ConversationState, message: Message) -> FakeTurn:
        self.heard.append((state, message.text))
        return self.turns.get(message.text, FakeTurn(Decision(Action.REFUSE)))
