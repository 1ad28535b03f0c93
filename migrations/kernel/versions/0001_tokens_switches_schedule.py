"""The tables of the house; tokens, the history of switches, the runs of nightly work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from kernel.data.migrate import create_house_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_house_tables(op)
    op.create_table(
        "tokens",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("last_used_at", sa.String(32)),
        sa.Column("expires_at", sa.String(32)),
        sa.Column("revoked_at", sa.String(32)),
    )
    op.create_index("tokens_name", "tokens", ["name"])
    op.create_table(
        "switches",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("facade", sa.String(128), nullable=False),
        sa.Column("operation", sa.String(128)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("peer_url", sa.Text),
        sa.Column("changed_at", sa.String(32), nullable=False),
        sa.Column("changed_by", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "schedule_runs",
        sa.Column("name", sa.String(128), primary_key=True),
        sa.Column("due_at", sa.String(32), nullable=False),
        sa.Column("started_at", sa.String(32)),
        sa.Column("ended_at", sa.String(32)),
        sa.Column("problem", sa.Text),
    )
