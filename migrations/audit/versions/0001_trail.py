"""The house's tables and the trail, with a first fence: the database refuses to change or delete a record."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text

from kernel.data.migrate import create_house_tables

revision = "0001"
down_revision = None

_APPEND_ONLY = "the trail is append-only"
_SQLITE = (
    f"CREATE TRIGGER records_never_change BEFORE UPDATE ON records BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END",
    f"CREATE TRIGGER records_never_go BEFORE DELETE ON records BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "CREATE TRIGGER records_are_never_replaced BEFORE INSERT ON records WHEN EXISTS"
    " (SELECT 1 FROM records WHERE sequence = NEW.sequence OR envelope_id = NEW.envelope_id)"
    f" BEGIN SELECT RAISE(ABORT, '{_APPEND_ONLY}'); END",
)
_POSTGRES = (
    "CREATE FUNCTION trail_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
    f" $$ BEGIN RAISE EXCEPTION '{_APPEND_ONLY}'; END $$",
    "CREATE TRIGGER records_never_change BEFORE UPDATE OR DELETE ON records"
    " FOR EACH ROW EXECUTE FUNCTION trail_is_append_only()",
    "CREATE TRIGGER records_never_go BEFORE TRUNCATE ON records"
    " FOR EACH STATEMENT EXECUTE FUNCTION trail_is_append_only()",
)


def upgrade() -> None:
    create_house_tables(op)
    op.create_table(
        "records",
        Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
        Column("recorded_at", String(40), nullable=False),
        Column("envelope", Text, nullable=False),
        Column("previous_hash", String(64), nullable=False),
        Column("hash", String(64), nullable=False),
        Column("envelope_id", Text, nullable=False, unique=True),
        Column("topic", Text, nullable=False),
        Column("actor", Text, nullable=False),
        Column("occurred_us", BigInteger, nullable=False),
    )
    op.create_index("records_topic", "records", ["topic", "sequence"])
    op.create_index("records_actor", "records", ["actor", "sequence"])
    op.create_index("records_occurred_us", "records", ["occurred_us"])
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRES:
        op.execute(statement)
