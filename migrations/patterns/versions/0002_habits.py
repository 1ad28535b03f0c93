"""What was learned: the reports of all learnings, and the habits of the last."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "learnings",
        Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("job_id", String(32), nullable=False, unique=True),
        Column("report", Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "habits",
        Column("id", String(64), primary_key=True),
        Column("place", Integer, nullable=False),
        Column("habit", Text, nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
