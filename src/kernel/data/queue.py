"""The statements behind `jobs`: claim by lease, advance, end. Whoever holds the lease is the only one who may write.

A lease is free when it has run out, and also when it lies further ahead than twice its length: then the clock was set
back, and nobody should wait for it. Take the time inside the transaction: what was read before waiting is old.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, case, func, insert, not_, or_, select, update

from kernel.data.engine import Tx
from kernel.data.owner import is_gone
from kernel.data.tables import from_us, jobs
from kernel.facade.context import Context, Principal
from kernel.facade.job import JobStatus


@dataclass(frozen=True)
class Claim:
    """A job that this process may now run."""

    id: str
    kind: str
    stage: str
    done: int
    total: int
    payload: str
    checkpoint: str | None
    asked_by: Principal | None
    trace_id: str | None


_held = func.coalesce(jobs.c.lease_us, 0).between(bindparam("now"), bindparam("no_lease"))
_waiting = select(func.count()).select_from(jobs).where(jobs.c.state == "queued")
_next = (
    select(jobs)
    .where(jobs.c.state.in_(("queued", "running")), jobs.c.kind.in_(bindparam("kinds", expanding=True)), not_(_held))
    .order_by(jobs.c.position)
    .limit(1)
)
_take = (
    update(jobs)
    .where(jobs.c.id == bindparam("job"))
    .values(
        state="running",
        owner=bindparam("me"),
        lease_us=bindparam("until"),
        starts=jobs.c.starts + 1,
        updated_us=bindparam("now"),
    )
)
_mine = and_(jobs.c.id == bindparam("job"), jobs.c.owner == bindparam("me"), jobs.c.state == "running")
_moves = or_(jobs.c.stage != bindparam("to"), jobs.c.done < bindparam("units"))
_advance = (
    update(jobs)
    .where(_mine)
    .values(
        stage=bindparam("to"),
        done=case((_moves, bindparam("units")), else_=jobs.c.done),
        total=bindparam("of"),
        checkpoint=func.coalesce(bindparam("mark"), jobs.c.checkpoint),
        starts=case((_moves, 0), else_=jobs.c.starts),
        lease_us=bindparam("until"),
        updated_us=bindparam("now"),
    )
    .returning(jobs.c.cancelling)
)
_end = update(jobs).values(
    state=bindparam("ended"),
    problem=bindparam("why"),
    owner=None,
    lease_us=None,
    updated_us=bindparam("now"),
)
_end_mine = _end.where(_mine)
_end_any = _end.where(jobs.c.id == bindparam("job"))
_renew = (
    update(jobs).where(jobs.c.owner == bindparam("me"), jobs.c.state == "running").values(lease_us=bindparam("until"))
)
_release = update(jobs).where(_mine).values(owner=None, lease_us=None)
_release_all = (
    update(jobs).where(jobs.c.owner == bindparam("me"), jobs.c.state == "running").values(owner=None, lease_us=None)
)
_owners = select(jobs.c.owner).where(jobs.c.state == "running", jobs.c.owner.is_not(None)).distinct()
_one = select(jobs).where(jobs.c.id == bindparam("job"))


def waiting(tx: Tx) -> int:
    """How many jobs are queued."""
    return int(tx.execute(_waiting).scalar_one())


def add(tx: Tx, kind: str, payload: Any, context: Context, now: int) -> JobStatus:
    """Queue a job; it remembers who asked."""
    job_id = uuid.uuid4().hex
    row = {
        "id": job_id,
        "kind": kind,
        "state": "queued",
        "stage": "",
        "done": 0,
        "total": 0,
        "payload": msgspec.json.encode(payload).decode(),
        "asked_by": msgspec.json.encode(context.principal).decode() if context.principal else None,
        "trace_id": context.trace_id,
        "cancelling": False,
        "starts": 0,
        "created_us": now,
        "updated_us": now,
    }
    tx.execute(insert(jobs), row)
    return status_of(find(tx, job_id))


def claim(tx: Tx, kinds: Sequence[str], me: str, now: int, until: int, most_starts: int) -> Claim | None:
    """Take the oldest job that may run. One that keeps ending its process without progress fails instead."""
    for owner in tx.execute(_owners).scalars().all():
        if is_gone(owner):
            release_all(tx, owner)
    marks = {"kinds": list(kinds), "now": now, "no_lease": 2 * until - now}
    while (row := tx.execute(_next, marks).one_or_none()) is not None:
        if row.cancelling:
            end(tx, row.id, "cancelled", None, now)
        elif row.starts >= most_starts:
            stage = f" in stage {row.stage!r}" if row.stage else ""
            end(tx, row.id, "failed", f"the process ended {row.starts} times{stage} without progress", now)
        else:
            tx.execute(_take, {"job": row.id, "me": me, "until": until, "now": now})
            asked_by = msgspec.json.decode(row.asked_by, type=Principal) if row.asked_by else None
            progress = (row.stage, row.done, row.total, row.payload, row.checkpoint)
            return Claim(row.id, row.kind, *progress, asked_by, row.trace_id)
    return None


def advance(tx: Tx, job: str, me: str, progress: tuple[str, int, int, str | None], now: int, until: int) -> bool | None:
    """Write progress and renew the lease. True: it is being cancelled. None: the lease is another's."""
    stage, done, total, checkpoint = progress
    marks = {"job": job, "me": me, "to": stage, "units": done, "of": total, "mark": checkpoint}
    return tx.execute(_advance, marks | {"now": now, "until": until}).scalar_one_or_none()


def end_mine(tx: Tx, job: str, me: str, state: str, problem: str | None, now: int) -> bool:
    """End a job whose lease we hold; False if we do not."""
    marks = {"job": job, "me": me, "ended": state, "why": problem, "now": now}
    return tx.execute(_end_mine, marks).rowcount == 1


def end(tx: Tx, job: str, state: str, problem: str | None, now: int) -> None:
    """End a job that nobody runs."""
    tx.execute(_end_any, {"job": job, "ended": state, "why": problem, "now": now})


def renew(tx: Tx, me: str, until: int) -> None:
    """Keep all leases that we hold."""
    tx.execute(_renew, {"me": me, "until": until})


def release(tx: Tx, job: str, me: str) -> None:
    """Let another process go on with it at once."""
    tx.execute(_release, {"job": job, "me": me})


def release_all(tx: Tx, me: str) -> None:
    """Let another process go on with all that `me` holds."""
    tx.execute(_release_all, {"me": me})


def cancel(tx: Tx, row: Any, now: int, until: int) -> None:
    """Cancel now if nobody runs it, else at its next advance."""
    if row.lease_us is not None and now <= row.lease_us <= 2 * until - now:
        tx.execute(update(jobs).where(jobs.c.id == row.id).values(cancelling=True))
    else:
        end(tx, row.id, "cancelled", None, now)


def retry(tx: Tx, job: str, now: int) -> None:
    """Queue an ended job again, with its checkpoint."""
    again = {"state": "queued", "problem": None, "cancelling": False, "starts": 0, "updated_us": now}
    tx.execute(update(jobs).where(jobs.c.id == job).values(**again))


def find(tx: Tx, job: str) -> Any:
    """The row, or None."""
    return tx.execute(_one, {"job": job}).one_or_none()


def recent(tx: Tx, limit: int) -> tuple[JobStatus, ...]:
    """Newest first."""
    return tuple(status_of(row) for row in tx.execute(select(jobs).order_by(jobs.c.position.desc()).limit(limit)))


def status_of(row: Any) -> JobStatus:
    """A row as callers see it."""
    return JobStatus(
        id=row.id,
        kind=row.kind,
        state=row.state,
        stage=row.stage,
        done=row.done,
        total=row.total,
        problem=row.problem,
        created_at=from_us(row.created_us),
        updated_at=from_us(row.updated_us),
    )
