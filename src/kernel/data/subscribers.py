"""Who listens to a module's events. It is kept in the module's database, so that `emit` knows it in its transaction.

A consumer that is not running stays subscribed: its deliveries wait for it. An event that nobody handles is parked
until somebody subscribes to its topic.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Insert,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    not_,
    select,
    true,
    update,
)

from kernel.data.engine import Tx
from kernel.data.inbox import insert_new
from kernel.data.outbox import EVERY_TOPIC
from kernel.data.tables import deliveries, outbox, subscriptions
from kernel.facade.event import Envelope

_has_it = exists().where(deliveries.c.position == outbox.c.position, deliveries.c.consumer == bindparam("who"))


@dataclass(frozen=True)
class Subscription:
    """`handle` gets each envelope of `topics` (`*`: all) at least once; keep `inbox.first` in the effect's transaction.

    `observes`: it only looks on, so that an event which nobody else handles is parked all the same.
    """

    consumer: str
    topics: tuple[str, ...]
    handle: Callable[[Envelope], Awaitable[None]]
    observes: bool = False


def subscribe(tx: Tx, all_of_them: Collection[Subscription], now: int) -> None:
    """Make these the consumers' topics; deliver to each what was parked for want of a handler.

    All of a process come at once: what the first of them handles is no longer parked, and the others want it too.
    """
    for one in all_of_them:
        _note(tx, one, now)
        for topic in one.topics:
            tx.execute(_deliver(one.consumer, topic, now), {"who": one.consumer})
    for one in all_of_them:
        if not one.observes:
            for topic in one.topics:
                tx.execute(update(outbox).where(outbox.c.parked, _of(topic)).values(parked=False))


def forget(tx: Tx, consumer: str) -> int:
    """Unsubscribe a consumer that will never come back, and drop its deliveries; gives how many those were."""
    tx.execute(delete(subscriptions).where(subscriptions.c.consumer == consumer))
    return tx.execute(delete(deliveries).where(deliveries.c.consumer == consumer)).rowcount


def _note(tx: Tx, one: Subscription, now: int) -> None:
    mine = subscriptions.c.consumer == one.consumer
    tx.execute(delete(subscriptions).where(mine, subscriptions.c.topic.not_in(one.topics)))
    for topic in one.topics:
        row = {"consumer": one.consumer, "topic": topic, "observes": one.observes, "seen_us": now}
        if not insert_new(tx, subscriptions, row):
            old = and_(mine, subscriptions.c.topic == topic)
            tx.execute(update(subscriptions).where(old).values(observes=one.observes, seen_us=now))


def _of(topic: str) -> ColumnElement[bool]:
    return true() if topic == EVERY_TOPIC else outbox.c.topic == topic


def _deliver(consumer: str, topic: str, now: int) -> Insert:
    """Give the consumer what is parked of the topic, as far as it does not have it."""
    columns = ["position", "consumer", "key", "state", "tries", "failures", "due_us"]
    waits = literal("waiting"), literal(0), literal(0), literal(now)
    parked = (
        select(outbox.c.position, literal(consumer), outbox.c.key, *waits)
        .where(outbox.c.parked, _of(topic), not_(_has_it))
        .order_by(outbox.c.position)
    )
    return insert(deliveries).from_select(columns, parked)
