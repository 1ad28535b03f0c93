"""What a module tells the others: an Event is a Value with a topic and a key; an Envelope is how it travels.

written in the change's own transaction (outbox) -> claimed -> delivered at least once, in order per key
-> de-duplicated in the consumer's transaction (inbox) -> done | dead letter | parked (nobody handles it)
"""

from __future__ import annotations

from typing import ClassVar

from kernel.facade.values import Instant, Value


class Event(Value, frozen=True, kw_only=True):
    """A fact about the past. `module` is set by the module's own parent class; `key` orders events among themselves."""

    module: ClassVar[str] = ""

    @classmethod
    def topic(cls) -> str:
        """`patterns.HabitsFound`: the name on the wire and in tables."""
        return f"{cls.module}.{cls.__name__}"

    def key(self) -> str:
        """Events with the same key arrive in the order in which they were written. By default: one order per topic."""
        return self.topic()


class Envelope(Value, frozen=True, kw_only=True):
    """An event with its circumstances. `payload` is the event as JSON text."""

    id: str
    topic: str
    key: str
    occurred_at: Instant
    actor: str
    """The principal's name, or the module that acted by itself."""
    trace_id: str | None = None
    payload: str
