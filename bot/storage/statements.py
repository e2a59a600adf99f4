"""The statements of delivery that run for every message, each built once: that takes longer than to run it.

What names a row is bound as `this_…`: the column's own name stands for its new value.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from bot.storage.models import AddressRow, ConversationRow, InboxRow, LeaseRow, OutboxRow

NEW, DONE, IGNORED = "new", "done", "ignored"  # of a message
WAITING, SENDING, SENT, DEAD = "waiting", "sending", "sent", "dead"  # of a part

Statement = Any  # SQLAlchemy's classes differ by dialect and say nothing about the rows
_THIS: BindParameter[str] = bindparam("this_conversation")
_NOW: BindParameter[datetime] = bindparam("now", type_=LeaseRow.until.type)


def upserting(dialect: str, table: type[Any]) -> Statement:
    """Return an INSERT that can say what to do on a conflict."""
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)


@cache
def replacing(dialect: str, table: type[Any], key: str) -> Statement:
    """Insert a row, or put all its values but `key` into the row that has the same `key`."""
    added = upserting(dialect, table)
    others = {column.name: added.excluded[column.name] for column in table.__table__.columns}
    del others[key]
    return added.on_conflict_do_update(index_elements=[key], set_=others)


# ---- the inbox ---------------------------------------------------------------------------------------------


@cache
def crowd() -> Statement:
    """Count all waiting messages, those of `this_conversation`, and its messages received after `lately`."""
    row = InboxRow
    mine = row.conversation == _THIS
    waiting = select(func.count()).where(row.status == NEW)
    # The statuses are named for the index, which begins with them.
    lately = select(func.count()).where(mine, row.status.in_((NEW, DONE, IGNORED)))
    recent = lately.where(row.received_at > bindparam("lately", type_=row.received_at.type))
    return select(
        waiting.scalar_subquery().label("waiting"),
        waiting.where(mine).scalar_subquery().label("own"),
        recent.scalar_subquery().label("recent"),
    )


@cache
def keeping(dialect: str) -> Statement:
    """Insert a message and give its id; no row where it came before.

    PostgreSQL's driver gives no count of rows for an INSERT, hence the id.
    """
    return upserting(dialect, InboxRow).on_conflict_do_nothing().returning(InboxRow.id)


@cache
def oldest_free() -> Select[Any]:
    """The conversation of the oldest message that nobody works, at the time `now`."""
    row = InboxRow
    free = or_(LeaseRow.until.is_(None), LeaseRow.until < _NOW)
    return (
        select(row.conversation)
        .outerjoin(LeaseRow, LeaseRow.conversation == row.conversation)
        .where(row.status == NEW, free)
        .order_by(row.id)
        .limit(1)
        .with_for_update(of=row, skip_locked=True)  # PostgreSQL; SQLite has one writer at a time
    )


@cache
def leasing_oldest(dialect: str) -> Statement:
    """Take the lease of that conversation for `owner` until `until`; give its name and number, or no row."""
    terms = (
        literal(1),
        bindparam("owner", type_=LeaseRow.owner.type),
        bindparam("until", type_=LeaseRow.until.type),
    )
    added = upserting(dialect, LeaseRow).from_select(
        ["conversation", "number", "owner", "until"], oldest_free().add_columns(*terms)
    )
    return added.on_conflict_do_update(
        index_elements=[LeaseRow.conversation],
        set_={
            "number": LeaseRow.number + 1,
            "owner": added.excluded.owner,
            "until": added.excluded.until,
        },
        where=LeaseRow.until < _NOW,
    ).returning(LeaseRow.conversation, LeaseRow.number)


@cache
def taking() -> Statement:
    """Count one more attempt of the oldest message of `this_conversation`, and give it.

    It is counted now: a message that ends the very process must not be tried without end.
    """
    row = InboxRow
    oldest = select(row.id).where(row.conversation == _THIS, row.status == NEW).order_by(row.sent_at, row.id)
    taken = update(row).where(row.id == oldest.limit(1).scalar_subquery())
    told = (row.id, row.channel, row.happened, row.body, row.sent_at, row.attempts)
    return taken.values(attempts=row.attempts + 1).returning(*told)


@cache
def standing() -> Statement:
    """The state of `this_conversation`."""
    return select(ConversationRow.state, ConversationRow.version).where(ConversationRow.id == _THIS)


@cache
def address() -> Statement:
    """The address of `this_conversation`."""
    return select(AddressRow.free_used, AddressRow.sealed).where(AddressRow.conversation == _THIS)


@cache
def marking_done() -> Statement:
    """Mark the message `this_id` as worked, where it still waits; its words go."""
    row = InboxRow
    return update(row).where(row.id == bindparam("this_id"), row.status == NEW).values(status=DONE, body=None)


@cache
def releasing() -> Statement:
    """Give back the lease `this_number` of `this_owner`, where it stands: it ended at the time `over`."""
    row = LeaseRow
    mine = (row.number == bindparam("this_number"), row.owner == bindparam("this_owner"))
    return (
        update(row)
        .where(row.conversation == _THIS, *mine)
        .values(until=bindparam("over", type_=row.until.type))
    )


# ---- the outbox --------------------------------------------------------------------------------------------


@cache
def posting() -> Statement:
    """Insert a part and give its id."""
    return insert(OutboxRow).returning(OutboxRow.id)


@cache
def next_part() -> Statement:
    """The oldest part of `channel` that is due at `now`, of a conversation in which no earlier part waits."""
    row, earlier = OutboxRow, aliased(OutboxRow)
    due = or_(and_(row.status == WAITING, row.next_at <= _NOW), and_(row.status == SENDING, row.until < _NOW))
    blocked = exists().where(
        earlier.conversation == row.conversation,
        earlier.id < row.id,
        earlier.status.in_((WAITING, SENDING)),
    )
    told = (row.id, row.conversation, row.status, row.body, row.attempts, row.resent)
    return (
        select(*told, AddressRow.sealed, AddressRow.gone)
        .outerjoin(AddressRow, AddressRow.conversation == row.conversation)
        .where(row.channel == bindparam("channel"), due, ~blocked)
        .order_by(row.next_at, row.id)
        .limit(1)
        .with_for_update(of=row, skip_locked=True)  # PostgreSQL; SQLite has one writer at a time
    )


@cache
def holding() -> Statement:
    """Hold the part `this_id` for sending: the values are given."""
    return update(OutboxRow).where(OutboxRow.id == bindparam("this_id"))


@cache
def marking_sent() -> Statement:
    """Mark the part `this_id`, held by `this_owner`, as sent at `now`; its words go. Give what it erases."""
    row = OutboxRow
    held = (row.id == bindparam("this_id"), row.owner == bindparam("this_owner"), row.status == SENDING)
    values = {"status": SENT, "body": None, "done_at": _NOW, "until": None}
    return update(row).where(*held).values(values).returning(row.erases)


@cache
def counting_reply() -> Statement:
    """Count one more free reply to `this_conversation`."""
    row = AddressRow
    return update(row).where(row.conversation == _THIS).values(free_used=row.free_used + 1)
