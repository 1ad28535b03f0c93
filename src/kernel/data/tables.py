"""The tables of the house, which every module's database holds beside the module's own.

    house_outbox, house_deliveries, house_subscriptions    events that leave, for whom, and who listens
    house_inbox                                            events that came, once per consumer
    house_once                                             replies to calls that had an idempotency key
    house_jobs                                             long work

Times are microseconds since 1970 UTC: both databases keep, compare and subtract them alike. No foreign key leaves a
module, and these tables have none at all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Dialect, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator

RowNumber = BigInteger().with_variant(Integer, "sqlite")
"""A key that the database counts up by itself; SQLite counts only in a plain INTEGER."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 UTC, exactly. The moment must be aware."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    """The aware UTC moment."""
    return _EPOCH + timedelta(microseconds=us)


class Moment(TypeDecorator[datetime]):
    """A column of aware moments, kept as microseconds. In migrations it is `sa.BigInteger()`."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else to_us(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else from_us(value)


HOUSE = MetaData()

outbox = Table(
    "house_outbox",
    HOUSE,
    Column("position", RowNumber, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("topic", String(200), nullable=False),
    Column("key", Text, nullable=False),
    Column("occurred_us", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("trace_id", String(32)),
    Column("payload", Text, nullable=False),
    Column("parked", Boolean, nullable=False),
    Index("ix_house_outbox_parked", "parked", "topic", "position"),
    sqlite_autoincrement=True,
)
deliveries = Table(
    "house_deliveries",
    HOUSE,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("consumer", String(200), primary_key=True),
    Column("key", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("due_us", BigInteger, nullable=False),
    Column("owner", String(32)),
    Column("lease_us", BigInteger),
    Column("problem", Text),
    Column("settled_us", BigInteger),
    Index("ix_house_deliveries_lane", "state", "consumer", "key", "position"),
    Index("ix_house_deliveries_order", "state", "position"),
)
subscriptions = Table(
    "house_subscriptions",
    HOUSE,
    Column("consumer", String(200), primary_key=True),
    Column("topic", String(200), primary_key=True),
    Column("observes", Boolean, nullable=False),
    Column("seen_us", BigInteger, nullable=False),
)
inbox = Table(
    "house_inbox",
    HOUSE,
    Column("consumer", String(200), primary_key=True),
    Column("envelope_id", String(64), primary_key=True),
    Column("seen_us", BigInteger, nullable=False),
    Index("ix_house_inbox_seen", "seen_us"),
)
once = Table(
    "house_once",
    HOUSE,
    Column("operation", String(200), primary_key=True),
    Column("principal", String(200), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("reply", Text, nullable=False),
    Column("answered_us", BigInteger, nullable=False),
    Index("ix_house_once_answered", "answered_us"),
)
jobs = Table(
    "house_jobs",
    HOUSE,
    Column("position", RowNumber, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("kind", String(200), nullable=False),
    Column("state", String(10), nullable=False),
    Column("stage", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("problem", Text),
    Column("payload", Text, nullable=False),
    Column("checkpoint", Text),
    Column("asked_by", Text),
    Column("trace_id", String(32)),
    Column("cancelling", Boolean, nullable=False),
    Column("starts", Integer, nullable=False),
    Column("owner", String(32)),
    Column("lease_us", BigInteger),
    Column("created_us", BigInteger, nullable=False),
    Column("updated_us", BigInteger, nullable=False),
    Index("ix_house_jobs_state", "state", "position"),
    sqlite_autoincrement=True,
)


def house_tables(metadata: MetaData) -> MetaData:
    """Add the tables of the house to a module's metadata, and give it back."""
    for table in HOUSE.sorted_tables:
        table.to_metadata(metadata)
    return metadata


def owned_tables(metadata: MetaData) -> frozenset[str]:
    """The names of the tables that the module alone owns: what no other module's SQL may name."""
    return frozenset(metadata.tables) - frozenset(HOUSE.tables)


def foreign_keys_leaving(metadata: MetaData) -> tuple[str, ...]:
    """Foreign keys to tables that the module does not own, as `habits.home_id -> homes.id`. Must be empty."""
    keys = [key for table in metadata.tables.values() for key in table.foreign_keys]
    return tuple(sorted(f"{key.parent} -> {key.target_fullname}" for key in keys if not _stays(key, metadata)))


def _stays(key: Any, metadata: MetaData) -> bool:
    return key.target_fullname.rsplit(".", 1)[0] in owned_tables(metadata)
