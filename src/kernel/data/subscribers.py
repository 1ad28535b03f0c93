"""Who listens to a module's events. It is kept in the module's database, so that `emit` knows it in its transaction.

A consumer that is not running stays subscribed: its deliveries wait for it. An event that nobody handles is parked
until somebody subscribes to its topic.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import and_, bindparam, delete, exists, insert, literal, not_, select, true, update

from kernel.data.engine import Tx
from kernel.data.inbox import insert_new
from kernel.data.outbox import EVERY_TOPIC
from kernel.data.tables import deliveries, outbox, subscriptions

_has_it = exists().where(deliveries.c.position == outbox.c.position, deliveries.c.consumer == bindparam("who"))


def subscribe(tx: Tx, consumer: str, topics: Iterable[str], observes: bool, now: int) -> None:
    """Make these the consumer's topics; deliver to it what was parked for want of a handler."""
    wanted = tuple(topics)
    tx.execute(delete(subscriptions).where(subscriptions.c.consumer == consumer, subscriptions.c.topic.not_in(wanted)))
    for topic in wanted:
        row = {"consumer": consumer, "topic": topic, "observes": observes, "seen_us": now}
        if not insert_new(tx, subscriptions, row):
            mine = and_(subscriptions.c.consumer == consumer, subscriptions.c.topic == topic)
            tx.execute(update(subscriptions).where(mine).values(observes=observes, seen_us=now))
        _unpark(tx, consumer, topic, observes, now)


def forget(tx: Tx, consumer: str) -> int:
    """Unsubscribe a consumer that will never come back, and drop its deliveries; gives how many those were."""
    tx.execute(delete(subscriptions).where(subscriptions.c.consumer == consumer))
    return tx.execute(delete(deliveries).where(deliveries.c.consumer == consumer)).rowcount


def _unpark(tx: Tx, consumer: str, topic: str, observes: bool, now: int) -> None:
    mine = true() if topic == EVERY_TOPIC else outbox.c.topic == topic
    missing = (
        select(
            outbox.c.position, literal(consumer), outbox.c.key, literal("waiting"), literal(0), literal(0), literal(now)
        )
        .where(outbox.c.parked, mine, not_(_has_it))
        .order_by(outbox.c.position)
    )
    columns = ["position", "consumer", "key", "state", "tries", "failures", "due_us"]
    tx.execute(insert(deliveries).from_select(columns, missing), {"who": consumer})
    if not observes:
        tx.execute(update(outbox).where(outbox.c.parked, mine).values(parked=False))
