"""The table of `training`: what each finished simulation wrote, whole as JSON."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, MetaData, String, Table, Text

from kernel.data.tables import house_tables

metadata: Final = MetaData()
house_tables(metadata)

simulations: Final = Table(
    "simulations",
    metadata,
    Column("job_id", String(36), primary_key=True),
    Column("simulated", Text, nullable=False),
)
