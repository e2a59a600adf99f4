"""The versions of the catalogue, and the portal's own wording of what an operator imported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "catalogue_version",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("base", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("procedures", sa.Integer(), nullable=False),
        sa.Column("imported", sa.JSON(), nullable=False),
        sa.Column("records", sa.LargeBinary(), nullable=False),
    )
    op.create_index("ix_catalogue_version_created_at", "catalogue_version", ["created_at"])
    op.create_table(
        "official_wording",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("taken", sa.Date(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    op.create_index("ix_official_wording_code", "official_wording", ["code"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_official_wording_code", table_name="official_wording")
    op.drop_table("official_wording")
    op.drop_index("ix_catalogue_version_created_at", table_name="catalogue_version")
    op.drop_table("catalogue_version")
