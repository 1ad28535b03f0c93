"""A write that is called twice with one idempotency key has one effect and one reply.

The reply is stored in the transaction of the effect, per operation and principal. A fault stores nothing: the call may
be tried again. The same key with another request is a mistake of the caller, and is told so.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import bindparam, insert, select

from kernel.data.database import Database
from kernel.data.engine import Tx
from kernel.data.tables import once as replies
from kernel.errors import Conflict, Invalid
from kernel.facade.context import current

T = TypeVar("T")
_LONGEST_KEY = 200

_stored = select(replies.c.digest, replies.c.reply).where(
    replies.c.operation == bindparam("operation"),
    replies.c.principal == bindparam("principal"),
    replies.c.key == bindparam("key"),
)


async def once(db: Database, operation: str, request: Any, reply_type: Any, work: Callable[[Tx], T]) -> T:
    """Run `work` in one transaction, or give the reply that the call's key already has.

    `request` is what the caller asked: a Value, or a tuple of them. Raises Conflict if the key came with another
    request before.
    """
    context = current()
    if context.received is None:
        return await db.write(work)
    if len(context.received) > _LONGEST_KEY:
        raise Invalid(where="Idempotency-Key", expected=f"at most {_LONGEST_KEY} characters")
    call = {
        "operation": operation,
        "principal": context.principal.name if context.principal else "",
        "key": context.received,
    }
    digest = hashlib.sha256(msgspec.json.encode(request)).hexdigest()
    return await db.write(lambda tx: _answer(tx, call, digest, reply_type, work))


def _answer(tx: Tx, call: dict[str, str], digest: str, reply_type: Any, work: Callable[[Tx], T]) -> T:
    stored = tx.execute(_stored, call).one_or_none()
    if stored is None:
        reply = work(tx)
        text = msgspec.json.encode(reply).decode()
        answered = {"digest": digest, "reply": text, "answered_us": time.time_ns() // 1000}
        tx.execute(insert(replies), call | answered)
        return reply
    if stored.digest != digest:
        raise Conflict(
            what=f"the idempotency key {call['key']!r} was used for another request to {call['operation']}: "
            "send a new key with a new request"
        )
    return cast(T, msgspec.json.decode(stored.reply, type=reply_type))
