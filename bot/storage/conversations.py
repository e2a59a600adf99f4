"""Conversations in the database."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import ValidationError
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.dialogue.state import ConversationState
from bot.storage.database import writing
from bot.storage.models import ConversationRow

logger = logging.getLogger(__name__)


class ConflictingWrite(RuntimeError):
    """Somebody else wrote the conversation since it was loaded: load it again and repeat the turn."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A state with the number of the turn that left it; 0 for a conversation that is not stored yet."""

    state: ConversationState
    version: int = 0


class SqlConversations:
    """The conversations of one database; safe to use from several threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, key: str) -> Stored:
        """Return what is stored under `key`; a new state where there is none, or none that can be read."""
        row = ConversationRow
        with self._engine.connect() as connection:
            found = connection.execute(select(row.state, row.version).where(row.id == key)).one_or_none()
        if found is None:
            return Stored(ConversationState())
        try:
            return Stored(ConversationState.model_validate(found.state), found.version)
        except ValidationError:
            logger.warning("the state of a conversation could not be read: it starts anew")
            return Stored(ConversationState(), found.version)

    def save(self, key: str, state: ConversationState, version: int) -> int:
        """Store `state` over the turn `version`; return the new turn's number.

        Raises ConflictingWrite where the conversation was written or erased since it was loaded.
        """
        row = ConversationRow
        values = {
            "state": state.model_dump(mode="json"),
            "version": version + 1,
            "updated_at": datetime.now(UTC),
        }
        try:
            with writing(self._engine) as connection:
                if version == 0:
                    connection.execute(insert(row).values(id=key, **values))
                    return 1
                newer = update(row).where(row.id == key, row.version == version).values(values)
                if connection.execute(newer).rowcount == 1:
                    return version + 1
        except IntegrityError as error:
            raise ConflictingWrite(key) from error
        raise ConflictingWrite(key)

    def erase(self, key: str) -> None:
        """Forget the conversation; nothing happens where there is none."""
        with writing(self._engine) as connection:
            connection.execute(delete(ConversationRow).where(ConversationRow.id == key))
