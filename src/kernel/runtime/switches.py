"""Where the records of the switches are kept: the kernel's table `switches`, which only grows.

`newest` is for a process that follows flips made by another one: when it has risen, load the switches anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, func, insert, select

from kernel.data.outbox import emit
from kernel.facade.switch import SwitchRecord
from kernel.runtime.events import SwitchFlipped
from kernel.runtime.tables import switches as t
from kernel.runtime.tables import text_of, values_of

if TYPE_CHECKING:
    from kernel.data import Database


class KeptSwitches:
    """A SwitchStore over the kernel's database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self, facade: str) -> Sequence[SwitchRecord]:
        """All records of a facade, oldest first."""
        return await self._database.read(lambda tx: _of(tx, facade))

    async def append(self, record: SwitchRecord) -> None:
        """Durable when this returns."""
        row = msgspec.structs.asdict(record) | {"changed_at": text_of(record.changed_at)}
        told = SwitchFlipped(**{name: getattr(record, name) for name in SwitchFlipped.__struct_fields__})

        def work(tx: Connection) -> None:
            tx.execute(insert(t).values(**row))
            emit(tx, told)

        await self._database.write(work)

    async def newest(self) -> int:
        """The number of the newest record of all facades; 0 when there is none."""
        return await self._database.read(lambda tx: tx.execute(select(func.max(t.c.sequence))).scalar() or 0)


def _of(tx: Connection, facade: str) -> list[SwitchRecord]:
    rows = tx.execute(select(t).where(t.c.facade == facade).order_by(t.c.sequence))
    return [msgspec.convert(values_of(row), SwitchRecord) for row in rows]
