"""Events leave in the transaction of the change that they tell of.

`emit` writes the event and, in the same transaction, one delivery for each consumer that is subscribed to its topic. If
nobody who handles events wants it, it is parked: kept until someone subscribes, never acknowledged by nobody.
"""

from __future__ import annotations

import time
import uuid

import msgspec
from sqlalchemy import and_, bindparam, insert, literal, not_, or_, select

from kernel.data.database import touch
from kernel.data.engine import Tx
from kernel.data.tables import deliveries, outbox, subscriptions
from kernel.facade.context import current
from kernel.facade.event import Event

EVERY_TOPIC = "*"

_write = insert(outbox).returning(outbox.c.position)
_wanted = or_(subscriptions.c.topic == bindparam("wanted"), subscriptions.c.topic == EVERY_TOPIC)
_handlers = select(literal(1)).where(and_(_wanted, not_(subscriptions.c.observes))).limit(1)
_fan_out = insert(deliveries).from_select(
    ["position", "consumer", "key", "state", "tries", "failures", "due_us"],
    select(
        bindparam("at", type_=deliveries.c.position.type),
        subscriptions.c.consumer,
        bindparam("lane", type_=deliveries.c.key.type),
        literal("waiting"),
        literal(0),
        literal(0),
        bindparam("now", type_=deliveries.c.due_us.type),
    )
    .where(_wanted)
    .distinct(),
)


def emit(tx: Tx, event: Event) -> str:
    """Write the event; it is delivered if this transaction commits. Gives the envelope's id."""
    context = current()
    envelope_id, topic, key, now = uuid.uuid4().hex, event.topic(), event.key(), time.time_ns() // 1000
    handled = tx.execute(_handlers, {"wanted": topic}).scalar() is not None
    row = {
        "id": envelope_id,
        "topic": topic,
        "key": key,
        "occurred_us": now,
        "actor": context.principal.name if context.principal else event.module,
        "trace_id": context.trace_id,
        "payload": msgspec.json.encode(event).decode(),
        "parked": not handled,
    }
    position = tx.execute(_write, row).scalar_one()
    tx.execute(_fan_out, {"wanted": topic, "at": position, "lane": key, "now": now})
    touch(tx, "outbox")
    return envelope_id
