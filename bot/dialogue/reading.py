"""Reads a message: runs commands, keywords, NLU, guides and search once each, and gathers their signals."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialogue import commands
from bot.dialogue.commands import Command, Kind
from bot.dialogue.signals import Readability, Reference, Signals
from bot.dialogue.state import ConversationState
from bot.messages import MAX_MESSAGE_CHARACTERS, Message, MessageKind
from bot.nlu.keywords import Keywords
from bot.nlu.understanding import Understander
from bot.privacy import labels as privacy_labels
from bot.search.types import Hit, Ranking, Search, Verdict
from procedures_kb.catalogue import Catalogue
from procedures_kb.centres import Centres
from procedures_kb.guides import Guides
from vietnamese import fold, normalise, syllables

MAX_REMEMBERED_SYLLABLES = 12


@dataclass(frozen=True, slots=True)
class Reader:
    """Everything that can say something about a message; `vocabulary`: the folded syllables of all names."""

    catalogue: Catalogue
    vocabulary: frozenset[str]
    keywords: Keywords
    search: Search
    understander: Understander | None
    guides: Guides
    centres: Centres

    def read(self, state: ConversationState, message: Message) -> Signals:
        """Return the signals of `message`; models are asked only where no command decides already."""
        readability = _readability(message)
        if readability is not Readability.OK:
            return Signals(readability=readability)
        text = normalise(message.text)
        if message.kind is MessageKind.PAYLOAD:
            return self._of_command(commands.parse_payload(text.removeprefix("/")))
        command = commands.parse_slash(text) or commands.parse_choice(text, state)
        if command is not None:
            return self._of_command(command)
        private = any(label in text for label in privacy_labels())
        emergency = self.keywords.emergency(text)
        if private or emergency:
            return Signals(private=private, emergency=emergency)
        return self._of_words(state, text)

    def topic(self, signals: Signals) -> str | None:
        """Return those syllables of the question that are words of the catalogue, to narrow it down with."""
        known = [word for word in signals.residue if word in self.vocabulary]
        return " ".join(known[:MAX_REMEMBERED_SYLLABLES]) or None

    def _of_command(self, command: Command | None) -> Signals:
        if command is None:
            return Signals(readability=Readability.EMPTY)
        if command.kind is Kind.GUIDE and command.value not in self.guides:
            return Signals(readability=Readability.EMPTY)
        picked = self._family(command.value) if command.kind is Kind.PICK else ()
        return Signals(command=command, picked=picked)

    def _of_words(self, state: ConversationState, text: str) -> Signals:
        understood = self.understander.understand(text) if self.understander else None
        residue = self.keywords.residue(text)
        correction = state.code is not None and commands.mentions(text, commands.words().correction)
        ranking = self._rank(state, text, residue, correction)
        guide, guide_score = self.guides.match(text) or (None, 0.0)
        return Signals(
            named=tuple(c for code in commands.procedure_codes(text) for c in self._family(code)),
            dossier=commands.names_dossier(text),
            said=self.keywords.intent(text),
            intent=understood.intent if understood else None,
            confidence=understood.confidence if understood else 0.0,
            aspects=self.keywords.aspects(text),
            weak_aspects=self.keywords.weak_aspects(text),
            residue=residue,
            within=self._within(state, residue),
            reference=_reference(text),
            correction=correction,
            guide=guide,
            guide_score=guide_score,
            level_codes=self._at_level(commands.named_level(text), ranking.hits),
            province=self.centres.province_named(text),
            ranking=ranking,
        )

    def _rank(
        self, state: ConversationState, text: str, residue: tuple[str, ...], correction: bool
    ) -> Ranking:
        """Rank the question alone; while one is being narrowed down or corrected, together with that one."""
        alone = self.search.search(text)
        if not residue or alone.verdict is Verdict.ANSWER:
            return alone
        if state.asked_about:
            return self.search.search(f"{state.asked_about} {text}")
        if correction and state.code in self.catalogue.by_code:
            procedure = self.catalogue.by_code[state.code]
            together = self.search.search(f"{procedure.short_name} {' '.join(residue)}")
            others = tuple(hit for hit in together.hits if state.code not in hit.codes)
            return Ranking(
                others,
                together.verdict,
                together.in_scope,
                together.margin,
                together.content,
                together.parts,
            )
        return alone

    def _within(self, state: ConversationState, residue: tuple[str, ...]) -> bool:
        procedure = self.catalogue.by_code.get(state.code or "")
        if procedure is None or not residue:
            return False
        return set(residue) <= set(syllables(fold(f"{procedure.name} {procedure.short_name}")))

    def _family(self, code: str) -> tuple[str, ...]:
        """Return the codes of that procedure's family, itself first; none where we do not have it."""
        procedure = self.catalogue.by_code.get(code)
        if procedure is None:
            return ()
        members = [p.code for p in self.catalogue.families[procedure.family] if p.code != code]
        return (code, *members)

    def _at_level(self, level: str | None, hits: tuple[Hit, ...]) -> tuple[str, ...]:
        if level is None or not hits:
            return ()
        by_code = self.catalogue.by_code
        return tuple(code for code in hits[0].codes if level in by_code[code].levels)


def _readability(message: Message) -> Readability:
    if message.kind is MessageKind.UNSUPPORTED:
        return Readability.KIND
    if len(message.text) > MAX_MESSAGE_CHARACTERS:
        return Readability.LONG
    return Readability.OK if normalise(message.text) else Readability.EMPTY


def _reference(text: str) -> Reference | None:
    words = commands.words()
    if commands.mentions(text, words.first):
        return Reference.FIRST
    return Reference.PREVIOUS if commands.mentions(text, words.previous) else None
