"""The tables of the house as Alembic operations, for a module's first revision. Frozen: history does not change.

When a table of the house changes, a second function is added here, and each module gets a revision that calls it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Text


def create_house_tables(op: Any) -> None:
    """What `house_tables` described in version 0.1. `op` is `alembic.op`."""
    _create_events(op)
    _create_calls(op)
    _create_jobs(op)


def _row_number() -> Any:
    return BigInteger().with_variant(Integer, "sqlite")


def _create_events(op: Any) -> None:
    op.create_table(
        "house_outbox",
        Column("position", _row_number(), primary_key=True, autoincrement=True),
        Column("id", String(32), nullable=False, unique=True),
        Column("topic", String(200), nullable=False),
        Column("key", Text, nullable=False),
        Column("occurred_us", BigInteger, nullable=False),
        Column("actor", Text, nullable=False),
        Column("trace_id", String(32)),
        Column("payload", Text, nullable=False),
        Column("parked", Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_house_outbox_parked", "house_outbox", ["parked", "topic", "position"])
    op.create_table(
        "house_deliveries",
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
    )
    op.create_index("ix_house_deliveries_lane", "house_deliveries", ["state", "consumer", "key", "position"])
    op.create_index("ix_house_deliveries_order", "house_deliveries", ["state", "position"])
    op.create_table(
        "house_subscriptions",
        Column("consumer", String(200), primary_key=True),
        Column("topic", String(200), primary_key=True),
        Column("observes", Boolean, nullable=False),
        Column("seen_us", BigInteger, nullable=False),
    )


def _create_calls(op: Any) -> None:
    op.create_table(
        "house_inbox",
        Column("consumer", String(200), primary_key=True),
        Column("envelope_id", String(64), primary_key=True),
        Column("seen_us", BigInteger, nullable=False),
    )
    op.create_index("ix_house_inbox_seen", "house_inbox", ["seen_us"])
    op.create_table(
        "house_once",
        Column("operation", String(200), primary_key=True),
        Column("principal", String(200), primary_key=True),
        Column("key", String(200), primary_key=True),
        Column("digest", String(64), nullable=False),
        Column("reply", Text, nullable=False),
        Column("answered_us", BigInteger, nullable=False),
    )
    op.create_index("ix_house_once_answered", "house_once", ["answered_us"])


def _create_jobs(op: Any) -> None:
    op.create_table(
        "house_jobs",
        Column("position", _row_number(), primary_key=True, autoincrement=True),
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
        sqlite_autoincrement=True,
    )
    op.create_index("ix_house_jobs_state", "house_jobs", ["state", "position"])
