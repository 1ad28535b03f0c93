"""The house's tables and the suggestions."""

from alembic import op
from sqlalchemy import Column, Integer, String, Text

from kernel.data.migrate import create_house_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_house_tables(op)
    op.create_table(
        "suggestions",
        Column("id", String(200), primary_key=True),
        Column("state", String(10), nullable=False),
        Column("rank", Integer, nullable=False),
        Column("suggestion", Text, nullable=False),
    )
    op.create_index("suggestions_state", "suggestions", ["state", "rank"])
