"""What did not arrive: dead letters with their reason, events parked for want of a handler, and what still waits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, bindparam, func, select, update

from kernel.data.deliveries import envelope_of
from kernel.data.engine import Tx
from kernel.data.tables import deliveries, from_us, outbox
from kernel.errors import NotFound
from kernel.facade import Count, Instant, Value
from kernel.facade.event import Envelope


class DeadLetter(Value, frozen=True, kw_only=True):
    """An event that a consumer could not take. `problem` is what it said the last time."""

    consumer: str
    envelope: Envelope
    tries: Count
    problem: str
    died_at: Instant


class Backlog(Value, frozen=True, kw_only=True):
    """What a consumer has not taken yet."""

    consumer: str
    waiting: Count
    dead: Count
    oldest: Instant | None = None


_dead = (
    select(deliveries.c.consumer, deliveries.c.tries, deliveries.c.problem, deliveries.c.settled_us, outbox)
    .join(outbox, outbox.c.position == deliveries.c.position)
    .where(deliveries.c.state == "dead")
    .order_by(deliveries.c.position, deliveries.c.consumer)
    .limit(bindparam("most"))
)
_parked = select(outbox).where(outbox.c.parked).order_by(outbox.c.position).limit(bindparam("most"))
_event = select(outbox.c.position).where(outbox.c.id == bindparam("event")).scalar_subquery()
_replay = (
    update(deliveries)
    .where(
        and_(
            deliveries.c.position == _event,
            deliveries.c.consumer == bindparam("who"),
            deliveries.c.state == "dead",
        )
    )
    .values(state="waiting", failures=0, due_us=bindparam("now"), settled_us=None)
)
_backlog = (
    select(
        deliveries.c.consumer,
        deliveries.c.state,
        func.count().label("many"),
        func.min(outbox.c.occurred_us).label("oldest_us"),
    )
    .join(outbox, outbox.c.position == deliveries.c.position)
    .where(deliveries.c.state.in_(("waiting", "dead")))
    .group_by(deliveries.c.consumer, deliveries.c.state)
)


def dead_letters(tx: Tx, most: int) -> tuple[DeadLetter, ...]:
    """Oldest event first."""
    return tuple(_letter(row) for row in tx.execute(_dead, {"most": most}))


def parked(tx: Tx, most: int) -> tuple[Envelope, ...]:
    """Events that nobody handles, oldest first."""
    return tuple(envelope_of(row) for row in tx.execute(_parked, {"most": most}))


def replay(tx: Tx, event_id: str, consumer: str, now: int) -> None:
    """Deliver a dead letter again, with all its tries. It comes after what its lane has had since. Raises NotFound."""
    if tx.execute(_replay, {"event": event_id, "who": consumer, "now": now}).rowcount == 0:
        raise NotFound(kind=f"dead letter for {consumer}", name=event_id)


def backlog(tx: Tx) -> tuple[Backlog, ...]:
    """What each consumer has not taken, by name; consumers that have taken all are left out."""
    found: dict[str, dict[str, Any]] = {}
    for row in tx.execute(_backlog):
        entry = found.setdefault(row.consumer, {"waiting": 0, "dead": 0, "oldest": None})
        entry[row.state] = row.many
        if row.state == "waiting":
            entry["oldest"] = from_us(row.oldest_us)
    return tuple(Backlog(consumer=name, **found[name]) for name in sorted(found))


def _letter(row: Any) -> DeadLetter:
    return DeadLetter(
        consumer=row.consumer,
        envelope=envelope_of(row),
        tries=row.tries,
        problem=row.problem,
        died_at=from_us(row.settled_us),
    )
