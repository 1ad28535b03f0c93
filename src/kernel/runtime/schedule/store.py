"""The SQL of `schedule_runs`: one row per work, its last run."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from kernel.runtime.tables import schedule_runs as t
from kernel.runtime.tables import text_of, values_of


class LastRun(msgspec.Struct, frozen=True, kw_only=True):
    """`due_at`: up to when all runs are accounted for. Started and not ended: it runs, or its process was killed."""

    name: str
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    problem: str | None


def last_runs(tx: Connection) -> dict[str, LastRun]:
    return {row.name: msgspec.convert(values_of(row), LastRun) for row in tx.execute(select(t))}


def due(tx: Connection, name: str, at: datetime, started: bool) -> None:
    """A run begins (`started`), or a work is seen for the first time."""
    tx.execute(delete(t).where(t.c.name == name))
    tx.execute(insert(t).values(name=name, due_at=text_of(at), started_at=text_of(at) if started else None))


def ended(tx: Connection, name: str, at: datetime, problem: str | None) -> None:
    tx.execute(update(t).where(t.c.name == name).values(ended_at=text_of(at), problem=problem))
