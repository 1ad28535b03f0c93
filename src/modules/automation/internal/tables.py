"""The table of `automation`: suggestions, whole as JSON, with what is asked for beside it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Index, Integer, MetaData, String, Table, Text

from kernel.data.tables import house_tables

metadata: Final = MetaData()
house_tables(metadata)

suggestions: Final = Table(
    "suggestions",
    metadata,
    Column("id", String(200), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("suggestion", Text, nullable=False),
)
"""`rank`: the habit's place in the last learning that found it, 0 is the best. `suggestion` is the value as JSON."""
Index("suggestions_state", suggestions.c.state, suggestions.c.rank)
