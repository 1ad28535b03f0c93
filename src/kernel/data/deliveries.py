"""The statements that carry events: claim with a lease, renew, settle.

    waiting -> (claimed: a lease) -> done
       ^              |----> waiting, later (a fault: try again after a pause)
       |              '----> dead (too many faults) --replay--.
       '-------------------------------------------------------'

A lane is a consumer and a key. Within a lane a delivery is claimed only if no earlier one is leased or pausing, so that
order holds; a dead one does not hold up its lane. A lease or a pause that lies further ahead than twice the longest one
means that the clock was set back: it does not count. (Twice: a neighbour's clock reading may be younger than ours.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import and_, bindparam, exists, func, not_, or_, select, update

from kernel.data.engine import Tx
from kernel.data.owner import is_gone
from kernel.data.tables import deliveries, from_us, outbox
from kernel.facade.event import Envelope

After = Literal["done", "again", "dead", "released"]


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one consumer."""

    position: int
    consumer: str
    tries: int
    failures: int
    envelope: Envelope

    @property
    def lane(self) -> tuple[str, str]:
        return self.consumer, self.envelope.key


@dataclass(frozen=True)
class Outcome:
    """What became of a claimed delivery."""

    delivery: Delivery
    after: After
    problem: str | None = None
    counts: bool = True
    pause_us: int = 0


@dataclass(frozen=True)
class Span:
    """Now, when a lease taken now ends, and when the longest pause that begins now ends; microseconds.

    Take it inside the transaction: what was read before waiting for the database is old.
    """

    now: int
    lease: int
    pause: int

    def beyond(self) -> dict[str, int]:
        """Where leases and pauses stop counting."""
        return {"now": self.now, "no_lease": 2 * self.lease - self.now, "no_pause": 2 * self.pause - self.now}


_earlier = deliveries.alias("earlier")


def _blocked(row: Any) -> Any:
    leased = func.coalesce(row.lease_us, 0).between(bindparam("now"), bindparam("no_lease"))
    return or_(leased, and_(row.due_us > bindparam("now"), row.due_us <= bindparam("no_pause")))


_claimable = (
    select(deliveries.c.position, deliveries.c.consumer, deliveries.c.tries, deliveries.c.failures, outbox)
    .join(outbox, outbox.c.position == deliveries.c.position)
    .where(
        deliveries.c.state == "waiting",
        deliveries.c.consumer.in_(bindparam("consumers", expanding=True)),
        not_(_blocked(deliveries.c)),
        not_(
            exists().where(
                _earlier.c.state == "waiting",
                _earlier.c.consumer == deliveries.c.consumer,
                _earlier.c.key == deliveries.c.key,
                _earlier.c.position < deliveries.c.position,
                _blocked(_earlier.c),
            )
        ),
    )
    .order_by(deliveries.c.position)
    .limit(bindparam("most"))
)
_this = and_(
    deliveries.c.position == bindparam("at"),
    deliveries.c.consumer == bindparam("to"),
    deliveries.c.state == "waiting",
)
_mine = and_(_this, deliveries.c.owner == bindparam("me"))
_free = {"owner": None, "lease_us": None}
_take = update(deliveries).where(_this).values(owner=bindparam("me"), lease_us=bindparam("lease"))
_renew = (
    update(deliveries)
    .where(deliveries.c.owner == bindparam("me"), deliveries.c.state == "waiting")
    .values(lease_us=bindparam("lease"))
)
_done = update(deliveries).where(_this).values(state="done", settled_us=bindparam("now"), **_free)
_release = update(deliveries).where(_mine).values(**_free)
_release_all = (
    update(deliveries).where(deliveries.c.owner == bindparam("me"), deliveries.c.state == "waiting").values(**_free)
)
_owners = select(deliveries.c.owner).where(deliveries.c.state == "waiting", deliveries.c.owner.is_not(None)).distinct()
_failed = {
    "tries": deliveries.c.tries + 1,
    "failures": deliveries.c.failures + bindparam("counted"),
    "problem": bindparam("why"),
}
_again = update(deliveries).where(_mine).values(due_us=bindparam("due"), **_failed, **_free)
_dead = update(deliveries).where(_mine).values(state="dead", settled_us=bindparam("now"), **_failed, **_free)


def claim(tx: Tx, consumers: Sequence[str], me: str, span: Span, most: int) -> list[Delivery]:
    """Take what may be delivered now, in the order in which it was written."""
    rows = tx.execute(_claimable, span.beyond() | {"consumers": list(consumers), "most": most}).all()
    taken = [Delivery(row.position, row.consumer, row.tries, row.failures, envelope_of(row)) for row in rows]
    if taken:
        tx.execute(_take, [{"at": one.position, "to": one.consumer, "me": me, "lease": span.lease} for one in taken])
    return taken


def renew(tx: Tx, me: str, span: Span) -> None:
    """Keep all leases that we hold."""
    tx.execute(_renew, {"me": me, "lease": span.lease})


def release_all(tx: Tx, me: str) -> None:
    """Give back what `me` still holds, so that another process need not wait for the leases."""
    tx.execute(_release_all, {"me": me})


def release_dead(tx: Tx) -> bool:
    """Give back what processes of this machine hold that are gone; True if there was any."""
    gone = [owner for owner in tx.execute(_owners).scalars().all() if is_gone(owner)]
    for owner in gone:
        release_all(tx, owner)
    return bool(gone)


def settle(tx: Tx, me: str, outcomes: Iterable[Outcome], now: int) -> None:
    """Write what became of claimed deliveries. What was handled is done, whoever holds the lease by now."""
    rows: dict[After, list[dict[str, Any]]] = {"done": [], "again": [], "dead": [], "released": []}
    for outcome in outcomes:
        rows[outcome.after].append(_row(outcome, me, now))
    statements = (("done", _done), ("again", _again), ("dead", _dead), ("released", _release))
    for after, statement in statements:
        if rows[after]:  # type: ignore[index]
            tx.execute(statement, rows[after])  # type: ignore[index]


def _row(outcome: Outcome, me: str, now: int) -> dict[str, Any]:
    row: dict[str, Any] = {"at": outcome.delivery.position, "to": outcome.delivery.consumer}
    if outcome.after == "done":
        return row | {"now": now}
    if outcome.after == "released":
        return row | {"me": me}
    row |= {"me": me, "why": outcome.problem, "counted": int(outcome.counts)}
    return row | ({"now": now} if outcome.after == "dead" else {"due": now + outcome.pause_us})


def envelope_of(row: Any) -> Envelope:
    """A row of the outbox as it travels."""
    return Envelope(
        id=row.id,
        topic=row.topic,
        key=row.key,
        occurred_at=from_us(row.occurred_us),
        actor=row.actor,
        trace_id=row.trace_id,
        payload=row.payload,
    )
