"""The tamper-evident trail of everything that the house did."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar, Protocol

from kernel.facade import Raises, checked, read, write
from kernel.facade.event import Envelope
from modules.audit.errors import TrailBroken
from modules.audit.types import Record, TrailQuestion, Verification


class Trail(Protocol):
    """Append-only, hash-chained records of every event's envelope."""

    raises: ClassVar[Raises] = (TrailBroken,)

    @write(idempotent=True)
    async def record(self, envelope: Envelope) -> Record:
        """Append an envelope; the same `envelope.id` twice is one record.

        Raises TrailBroken if the chain's end is bad.
        """

    @read
    async def search(self, question: TrailQuestion) -> tuple[Record, ...]:
        """The records that match, oldest first, at most `question.limit`; go on with `after_sequence`."""

    @read
    async def verify(self) -> Verification:
        """Read the whole chain and name the first bad record, if there is one."""

    @read
    def export(self, question: TrailQuestion) -> AsyncIterator[Record]:
        """All records that match, oldest first; `question.limit` does not count here."""


FACADES = checked("audit", Trail)
