"""The trail at work: hear, append, search, export, verify, and keep checkpoints beside the database.

A record is durable before its call returns (the database is opened durable); a checkpoint is written after it, so a
crash between the two loses a checkpoint, never a record.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from kernel.data import Database, Tx
from kernel.data.once import once
from kernel.errors import Conflict, Invalid
from kernel.facade.event import Envelope
from modules.audit.errors import TrailBroken
from modules.audit.facade import Trail
from modules.audit.internal import store
from modules.audit.internal.checkpoints import Checkpoints
from modules.audit.internal.domain.chain import Head, Row, canonical, fault, instant, record, seal
from modules.audit.internal.domain.verdict import Checkpoint, DamagedCheckpoints, judge
from modules.audit.types import Record, TrailQuestion, Verification

T = TypeVar("T")
CHECKPOINT_EVERY: Final = 100
CONSUMER: Final = "audit.trail"


class TrailService(Trail):
    """Answers `Trail`, and hears every event."""

    def __init__(
        self, database: Database, checkpoints: Checkpoints, heavy: Executor, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._heavy = heavy
        self._clock = clock
        self._kept: Checkpoint | None = None
        self._written = Head()
        self._damage: str | None = None

    async def record(self, envelope: Envelope) -> Record:
        row = await once(
            self._database, "Trail.record", envelope, Record, lambda tx: record(self._append(tx, envelope))
        )
        await self._after(row)
        return row

    async def hear(self, envelope: Envelope) -> None:
        """Take an event off the bus: once, whatever the bus repeats. Raises TrailBroken."""
        written = await self._database.write(lambda tx: self._hear(tx, envelope))
        if written is not None:
            await self._after(record(written))

    async def search(self, question: TrailQuestion) -> tuple[Record, ...]:
        after = question.after_sequence
        rows = await self._database.read(lambda tx: store.matching(tx, question, after, question.limit))
        return tuple(_honest(row) for row in rows)

    async def export(self, question: TrailQuestion) -> AsyncIterator[Record]:
        after = question.after_sequence
        while rows := await self._page(question, after):
            for row in rows:
                yield _honest(row)
            after = rows[-1].sequence

    async def verify(self) -> Verification:
        checkpoints = await self._off_the_loop(self._checkpoints.read)
        return await self._database.long_read(lambda tx: judge(store.whole(tx), checkpoints))

    async def start(self) -> None:
        """Know the newest checkpoint, and keep one for what was recorded after it, if the end is sound."""
        await self._off_the_loop(self._learn)
        await self.keep_checkpoint()

    async def keep_checkpoint(self) -> None:
        """Write down where the chain ends now. A broken end is not confirmed; `check` tells of it."""
        try:
            head = await self._database.read(self._sound_head)
        except TrailBroken:
            return
        await self._keep(head)

    async def check(self) -> str | None:
        """For health: None, or what is wrong with the chain's end."""
        try:
            await self._database.read(self._sound_head)
        except TrailBroken as broken:
            return f"{broken}; nothing is recorded until it is mended: see `homewright audit verify`"
        return None

    def _hear(self, tx: Tx, envelope: Envelope) -> Row | None:
        return self._append(tx, envelope) if store.unheard(tx, CONSUMER, envelope.id) else None

    def _append(self, tx: Tx, envelope: Envelope) -> Row:
        known = store.of_envelope(tx, envelope.id)
        if known is None:
            row = seal(self._sound_head(tx), envelope, self._clock())
            store.append(tx, row)
            return row
        if known.envelope != canonical(envelope):
            raise Conflict(what=f"the envelope {envelope.id!r} is on the trail with another content")
        return known

    def _sound_head(self, tx: Tx) -> Head:
        """Where the chain ends. Raises TrailBroken if that is not where it ended before."""
        if self._damage is not None:
            raise TrailBroken(sequence=0, reason=f"nobody can tell where it ended: {self._damage}")
        newest = store.newest(tx, 2)
        head = Head() if len(newest) < 2 else Head(newest[0].sequence, newest[0].hash)
        for row in newest[-1:]:
            reason = fault(head, row)
            if reason is not None:
                raise TrailBroken(sequence=max(0, row.sequence), reason=reason)
            head = Head(row.sequence, row.hash)
        for known in (self._written, Head(self._kept.sequence, self._kept.hash) if self._kept else Head()):
            _still_there(tx, head, known)
        return head

    async def _after(self, written: Record) -> None:
        """The record is committed: remember it, and keep a checkpoint when it is time."""
        if written.sequence > self._written.sequence:
            self._written = Head(written.sequence, written.hash)
            if written.sequence == 1 or written.sequence % CHECKPOINT_EVERY == 0:
                await self._keep(self._written)

    async def _keep(self, head: Head) -> None:
        at = instant(self._clock())
        if head.sequence > (self._kept.sequence if self._kept else 0):
            await self._off_the_loop(lambda: self._checkpoints.keep(head, at))
            self._kept = Checkpoint(sequence=head.sequence, hash=head.hash, at=at)

    def _learn(self) -> None:
        try:
            self._kept = self._checkpoints.last()
        except DamagedCheckpoints as damage:
            self._damage = str(damage)

    async def _page(self, question: TrailQuestion, after: int) -> list[Row]:
        return await self._database.long_read(lambda tx: store.matching(tx, question, after, store.PAGE))

    async def _off_the_loop(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._heavy, work)


def _still_there(tx: Tx, head: Head, known: Head) -> None:
    """What was once the chain's end must still be in it. Raises TrailBroken."""
    if known.sequence > head.sequence:
        raise TrailBroken(sequence=head.sequence + 1, reason=f"cut off: there were {known.sequence} records")
    if known.sequence and known.sequence == head.sequence and known.hash != head.hash:
        raise TrailBroken(sequence=known.sequence, reason="changed: it is not the record that was written last")
    if known.sequence < head.sequence and known.sequence:
        row = store.at(tx, known.sequence)
        if row is None or row.hash != known.hash:
            raise TrailBroken(sequence=known.sequence, reason="changed: a checkpoint knows it with another hash")


def _honest(row: Row) -> Record:
    """The row as a record. A row that no longer decodes is told, not passed on."""
    try:
        return record(row)
    except (msgspec.MsgspecError, Invalid, UnicodeError):
        raise TrailBroken(sequence=max(0, row.sequence), reason="changed: it cannot be read") from None
