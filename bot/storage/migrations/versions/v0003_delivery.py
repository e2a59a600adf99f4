"""Inbox, leases, outbox, sealed addresses and tokens: delivery that loses nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the five tables."""
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("update_id", sa.String(160), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("happened", sa.String(20), nullable=False),
        sa.Column("body", sa.JSON()),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", _TIME, nullable=False),
        sa.Column("received_at", _TIME, nullable=False),
        sa.UniqueConstraint("channel", "update_id"),
    )
    op.create_index("ix_inbox_status_conversation", "inbox", ["status", "conversation"])
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    op.create_table(
        "lease",
        sa.Column("conversation", sa.String(64), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("until", _TIME, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("inbox_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("body", sa.JSON()),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("erases", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("resent", sa.Integer(), nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("until", _TIME),
        sa.Column("error", sa.String(200), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("done_at", _TIME),
        sa.UniqueConstraint("inbox_id", "place"),
    )
    op.create_index("ix_outbox_status_next_at", "outbox", ["status", "next_at"])
    op.create_index("ix_outbox_conversation_status", "outbox", ["conversation", "status"])
    op.create_table(
        "delivery_address",
        sa.Column("conversation", sa.String(64), primary_key=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("free_used", sa.Integer(), nullable=False),
        sa.Column("wrote_at", _TIME, nullable=False),
    )
    op.create_table(
        "channel_token",
        sa.Column("channel", sa.String(20), primary_key=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("failure", sa.String(200), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("channel_token", "delivery_address", "outbox", "lease", "inbox"):
        op.drop_table(table)
