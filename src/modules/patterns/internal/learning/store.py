"""What was learned, in the database: every report, and the habits of the last finished learning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from sqlalchemy import bindparam, delete, func, insert, select

from kernel.data import Tx
from kernel.data.tables import jobs
from modules.patterns.internal.tables import habits, learnings
from modules.patterns.types import Habit, Habits, LearnReport

KIND: Final = "patterns.learn"
"""The kind of the job."""

_report = select(learnings.c.report).where(learnings.c.job_id == bindparam("job"))
_last = select(learnings.c.report).order_by(learnings.c.number.desc()).limit(1)
_best_first = select(habits.c.habit).order_by(habits.c.place)
_waiting = select(func.count()).select_from(jobs).where(jobs.c.kind == KIND, jobs.c.state == "queued")


def waiting(tx: Tx) -> int:
    """How many learnings wait to be started."""
    return int(tx.execute(_waiting).scalar_one())


def replace(tx: Tx, job_id: str, report: LearnReport, found: Sequence[Habit]) -> None:
    """Keep the report; the habits take the place of those of the learning before."""
    tx.execute(insert(learnings), {"job_id": job_id, "report": _text(report)})
    tx.execute(delete(habits))
    rows = [{"id": habit.id, "place": place, "habit": _text(habit)} for place, habit in enumerate(found)]
    if rows:
        tx.execute(insert(habits), rows)


def report_of(tx: Tx, job_id: str) -> LearnReport | None:
    """The report of a learning, or None while it has not finished."""
    text = tx.execute(_report, {"job": job_id}).scalar()
    return None if text is None else msgspec.json.decode(text, type=LearnReport)


def last(tx: Tx) -> Habits:
    """The habits of the last finished learning, best first, and its report."""
    report = tx.execute(_last).scalar()
    if report is None:
        return Habits()
    found = tuple(msgspec.json.decode(text, type=Habit) for text in tx.execute(_best_first).scalars())
    return Habits(habits=found, report=msgspec.json.decode(report, type=LearnReport))


def _text(value: Habit | LearnReport) -> str:
    return msgspec.json.encode(value).decode()
