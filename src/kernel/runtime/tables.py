"""The kernel's own tables: tokens, the history of switches, when nightly work ran; and those of the house, for plugins.

Times are ISO 8601 text in UTC with microseconds, which sorts alike on SQLite and PostgreSQL.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, overload

from sqlalchemy import Column, Index, Integer, MetaData, Row, String, Table, Text

from kernel.data.tables import house_tables

metadata = house_tables(MetaData())

tokens = Table(
    "tokens",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("role", String(16), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    Column("created_at", String(32), nullable=False),
    Column("last_used_at", String(32)),
    Column("expires_at", String(32)),
    Column("revoked_at", String(32)),
)
Index("tokens_name", tokens.c.name)

switches = Table(
    "switches",
    metadata,
    Column("sequence", Integer, primary_key=True, autoincrement=True),
    Column("facade", String(128), nullable=False),
    Column("operation", String(128)),
    Column("state", String(16), nullable=False),
    Column("peer_url", Text),
    Column("changed_at", String(32), nullable=False),
    Column("changed_by", String(128), nullable=False),
    Column("reason", Text, nullable=False),
)

schedule_runs = Table(
    "schedule_runs",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("due_at", String(32), nullable=False),
    Column("started_at", String(32)),
    Column("ended_at", String(32)),
    Column("problem", Text),
)


@overload
def text_of(moment: datetime) -> str: ...
@overload
def text_of(moment: None) -> None: ...
def text_of(moment: datetime | None) -> str | None:
    """A time as these tables hold it."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds")


def values_of(row: Row[Any]) -> dict[str, Any]:
    """A row by column name, as msgspec converts it; SQLAlchemy's names are a kind of str that msgspec refuses."""
    return {str(name): value for name, value in row._mapping.items()}
