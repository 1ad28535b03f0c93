"""The table of `audit`: one row per record, never changed. Its columns are those of `domain.chain.Row`."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

from kernel.data.tables import house_tables

metadata: Final = MetaData()
house_tables(metadata)

records: Final = Table(
    "records",
    metadata,
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
"""`envelope` is the canonical text that is hashed; the last four columns repeat it for searching."""
Index("records_topic", records.c.topic, records.c.sequence)
Index("records_actor", records.c.actor, records.c.sequence)
Index("records_occurred_us", records.c.occurred_us)
