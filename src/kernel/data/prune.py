"""Sweep out what is done and long past, for the nightly schedule. What waits, is parked or dead is never swept.

The inbox is kept much longer than any delivery is tried: an envelope that comes again must still be known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Delete, Table, bindparam, delete, exists, not_, select, tuple_

from kernel.data.database import Database
from kernel.data.engine import Tx
from kernel.data.tables import deliveries, inbox, jobs, once, outbox, to_us

_AT_ONCE = 2000
"""Rows per transaction, so that a great sweep holds nobody up."""


@dataclass(frozen=True)
class Keep:
    """How long what is done is kept."""

    events: timedelta = timedelta(days=7)
    inbox: timedelta = timedelta(days=60)
    replies: timedelta = timedelta(days=7)
    jobs: timedelta = timedelta(days=90)


@dataclass(frozen=True)
class Pruned:
    """How many rows went."""

    deliveries: int
    events: int
    inbox: int
    replies: int
    jobs: int


def _oldest(table: Table, *conditions: Any) -> Delete:
    key = tuple(table.primary_key)
    chosen = select(*key).where(*conditions).limit(bindparam("most"))
    return delete(table).where(tuple_(*key).in_(chosen) if len(key) > 1 else key[0].in_(chosen))


_before: BindParameter[int] = bindparam("before")
_undelivered = exists().where(deliveries.c.position == outbox.c.position)
_deliveries = _oldest(deliveries, deliveries.c.state == "done", deliveries.c.settled_us < _before)
_events = _oldest(outbox, not_(outbox.c.parked), outbox.c.occurred_us < _before, not_(_undelivered))
_inbox = _oldest(inbox, inbox.c.seen_us < _before)
_replies = _oldest(once, once.c.answered_us < _before)
_jobs = _oldest(jobs, jobs.c.state.in_(("done", "failed", "cancelled")), jobs.c.updated_us < _before)


async def prune(database: Database, now: datetime, keep: Keep = Keep()) -> Pruned:
    """Delete what was done before `now` less the time that it is kept; give how much that was."""
    return Pruned(
        deliveries=await _sweep(database, _deliveries, now - keep.events),
        events=await _sweep(database, _events, now - keep.events),
        inbox=await _sweep(database, _inbox, now - keep.inbox),
        replies=await _sweep(database, _replies, now - keep.replies),
        jobs=await _sweep(database, _jobs, now - keep.jobs),
    )


async def _sweep(database: Database, statement: Delete, before: datetime) -> int:
    marks = {"before": to_us(before), "most": _AT_ONCE}

    def work(tx: Tx) -> int:
        return tx.execute(statement, marks).rowcount

    total = 0
    while (gone := await database.write(work)) > 0:
        total += gone
    return total
