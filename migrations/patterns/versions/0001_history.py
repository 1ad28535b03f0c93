"""The house's tables and the catalogue of the history."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Integer, SmallInteger, String, Text

from kernel.data.migrate import create_house_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_house_tables(op)
    op.create_table(
        "library",
        Column("id", SmallInteger, primary_key=True, autoincrement=False),
        Column("version", BigInteger, nullable=False),
        Column("zone", String(64), nullable=False),
        Column("latitude", Float(53)),
        Column("longitude", Float(53)),
    )
    op.create_table(
        "entity_names",
        Column("code", Integer, primary_key=True, autoincrement=False),
        Column("name", String(255), nullable=False, unique=True),
        Column("visible", Boolean, nullable=False),
    )
    op.create_table(
        "state_names",
        Column("code", Integer, primary_key=True, autoincrement=False),
        Column("name", String(255), nullable=False, unique=True),
    )
    op.create_table(
        "partitions",
        Column("month", Integer, primary_key=True, autoincrement=False),
        Column("file", String(64), nullable=False),
        Column("changes", BigInteger, nullable=False),
    )
    op.create_table(
        "tail",
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("time_ms", BigInteger, nullable=False),
        Column("entity", Integer, nullable=False),
        Column("state", Integer, nullable=False),
        Column("origin", SmallInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("tail_time_ms", "tail", ["time_ms"])
    op.create_table(
        "imports",
        Column("id", String(64), primary_key=True),
        Column("request", Text, nullable=False),
        Column("digest", String(64)),
        Column("progress", Text, nullable=False),
        Column("report", Text),
        Column("ended", Boolean, nullable=False),
    )
    op.create_index("imports_digest", "imports", ["digest"])
    op.create_table(
        "segments",
        Column("import_id", String(64), ForeignKey("imports.id"), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("changes", Integer, nullable=False),
        Column("first_ms", BigInteger, nullable=False),
        Column("last_ms", BigInteger, nullable=False),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
