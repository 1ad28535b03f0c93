"""Two toy modules for tests of events: `source` tells of numbers, `target` writes each one down once.

`target` also counts every arrival, so that a test sees what came twice and was let in once.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select

from kernel.data import Database, Tx
from kernel.data.inbox import first
from kernel.data.outbox import emit
from kernel.data.tables import house_tables
from kernel.facade.event import Envelope, Event


class Numbered(Event, frozen=True, kw_only=True):
    """`number` was told in `lane`; numbers of a lane grow by one."""

    module: ClassVar[str] = "source"
    lane: str
    number: int

    def key(self) -> str:
        return self.lane


source_metadata = house_tables(MetaData())
told = Table(
    "told", source_metadata, Column("lane", Text, primary_key=True), Column("number", Integer, primary_key=True)
)

target_metadata = house_tables(MetaData())
heard = Table(
    "heard",
    target_metadata,
    Column("position", Integer, primary_key=True),
    Column("lane", Text, nullable=False),
    Column("number", Integer, nullable=False),
)


def tell(tx: Tx, lane: str, number: int) -> str:
    """The change and its event, in one transaction."""
    tx.execute(insert(told), {"lane": lane, "number": number})
    return emit(tx, Numbered(lane=lane, number=number))


async def hear(target: Database, envelope: Envelope, consumer: str = "target.hear") -> bool:
    """The effect, once; False if the envelope was known."""
    event = msgspec.json.decode(envelope.payload, type=Numbered)

    def work(tx: Tx) -> bool:
        if not first(tx, consumer, envelope.id):
            return False
        tx.execute(insert(heard), {"lane": event.lane, "number": event.number})
        return True

    return await target.write(work)


async def all_told(source: Database) -> dict[str, list[int]]:
    """Numbers per lane, as they were told."""
    rows = await source.read(lambda tx: tx.execute(select(told.c.lane, told.c.number).order_by(told.c.number)).all())
    return _by_lane([(row.lane, row.number) for row in rows])


async def all_heard(target: Database) -> dict[str, list[int]]:
    """Numbers per lane, in the order in which they were written down."""
    rows = await target.read(
        lambda tx: tx.execute(select(heard.c.lane, heard.c.number).order_by(heard.c.position)).all()
    )
    return _by_lane([(row.lane, row.number) for row in rows])


def _by_lane(rows: list[tuple[str, int]]) -> dict[str, list[int]]:
    lanes: dict[str, list[int]] = {}
    for lane, number in rows:
        lanes.setdefault(lane, []).append(number)
    return lanes
