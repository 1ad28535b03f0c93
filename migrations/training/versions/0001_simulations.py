"""The house's tables and the simulations."""

from alembic import op
from sqlalchemy import Column, String, Text

from kernel.data.migrate import create_house_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_house_tables(op)
    op.create_table(
        "simulations",
        Column("job_id", String(36), primary_key=True),
        Column("simulated", Text, nullable=False),
    )
