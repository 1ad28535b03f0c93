"""The tables of `patterns`. History keeps its catalogue here; its changes lie in column files (see `history`).

`partitions` is the manifest: a change is visible if its month's file is named here, or if it is in `tail`.
An entity of `entity_names` is `visible` once a visible change has it: an import that fails leaves no trace.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
)

from kernel.data.tables import house_tables

metadata: Final = MetaData()
house_tables(metadata)

library = Table(
    "library",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("version", BigInteger, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("latitude", Float(53)),
    Column("longitude", Float(53)),
)
"""One row. `version` grows with every change of what is visible."""

entity_names = Table(
    "entity_names",
    metadata,
    Column("code", Integer, primary_key=True, autoincrement=False),
    Column("name", String(255), nullable=False, unique=True),
    Column("visible", Boolean, nullable=False),
)

state_names = Table(
    "state_names",
    metadata,
    Column("code", Integer, primary_key=True, autoincrement=False),
    Column("name", String(255), nullable=False, unique=True),
)

partitions = Table(
    "partitions",
    metadata,
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("file", String(64), nullable=False),
    Column("changes", BigInteger, nullable=False),
)
"""`month`: since January 1970, UTC."""

tail = Table(
    "tail",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("time_ms", BigInteger, nullable=False),
    Column("entity", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("origin", SmallInteger, nullable=False),
    sqlite_autoincrement=True,
)
"""Live changes that no file holds yet, and what was learned of the origin of known ones."""
Index("tail_time_ms", tail.c.time_ms)

imports = Table(
    "imports",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("request", Text, nullable=False),
    Column("digest", String(64)),
    Column("progress", Text, nullable=False),
    Column("report", Text),
    Column("ended", Boolean, nullable=False),
)
"""`id` is the job's. `request`, `progress` and `report` are JSON. `report` is there when it was imported."""
Index("imports_digest", imports.c.digest)

segments = Table(
    "segments",
    metadata,
    Column("import_id", String(64), ForeignKey("imports.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("changes", Integer, nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
)
"""The staged files of an import that has not ended; `number` from 0."""

learnings = Table(
    "learnings",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("job_id", String(32), nullable=False, unique=True),
    Column("report", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""Every finished learning, in order; the last one's habits are in `habits`. `report` is JSON."""

habits = Table(
    "habits",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("place", Integer, nullable=False),
    Column("habit", Text, nullable=False),
)
"""The habits of the last finished learning, `place` 0 is the best. `habit` is JSON."""
