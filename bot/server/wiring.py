"""Joins settings, parts, storage and the service of conversations, for the server and for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.server.board import Board
from bot.server.conversations import Conversations, ConversationStore
from bot.server.delivery import Delivery, Stores
from bot.server.editions import Stored
from bot.server.parts import LiveParts
from bot.server.recipe import Recipe, recipe
from bot.server.sentences import load_sentences
from bot.settings import Settings
from bot.storage.catalogues import SqlCatalogues
from bot.storage.conversations import SqlConversations
from bot.storage.database import open_database
from connectors.messaging import MessagingChannel


@dataclass(frozen=True, slots=True)
class Wired:
    """Everything behind the doors. Nothing loads before `parts.start()`."""

    conversations: Conversations
    parts: LiveParts
    board: Board
    secret: bytes
    delivery: Delivery


def wire(
    settings: Settings,
    made_of: Recipe | None = None,
    store: ConversationStore | None = None,
    channels: Mapping[str, MessagingChannel] | None = None,
) -> Wired:
    """Build what `settings` describe; the others replace the real parts, database, channels (tests).

    Raises UnusableSecret and DatabaseUnavailable for what the operator has to repair first.
    """
    secret = settings.signing_key()
    board = Board()
    engine = open_database(settings.database_url)
    stored = Stored(SqlCatalogues(engine))
    parts = LiveParts(made_of or recipe(settings, stored, stored), board)
    kept = store or SqlConversations(engine)
    sentences = load_sentences()
    service = Conversations(kept, parts, secret, sentences, paused=lambda: settings.paused)
    delivery = Delivery(
        settings,
        Stores.of(engine, secret, settings),
        parts,
        sentences=sentences,
        secret=secret,
        channels=channels,
    )
    return Wired(service, parts, board, secret, delivery)
