"""A job as its handler sees it: what was asked, where an earlier process got to, and the ways to say how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from kernel.data import queue
from kernel.data.database import Database
from kernel.data.engine import Tx

T = TypeVar("T")


class Interrupted(Exception):
    """The handler must end now. Let it pass; clean up in `finally`."""


class Cancelled(Interrupted):
    """Somebody cancelled the job."""


class Stopping(Interrupted):
    """The process ends; the next one goes on at the last checkpoint."""


class LeaseLost(Interrupted):
    """This process stood still for so long that another one has taken the job."""


class Job:
    """One run of a job. Progress within a stage never goes back, also when a resumed run counts again from less."""

    def __init__(
        self,
        database: Database,
        claim: queue.Claim,
        me: str,
        stamps: Callable[[], tuple[int, int]],
        stop: Callable[[], bool],
    ) -> None:
        self.id = claim.id
        self.kind = claim.kind
        self.stage = claim.stage
        """The stage that an earlier run had reached; empty at the first."""
        self._database = database
        self._claim = claim
        self._me = me
        self._stamps = stamps
        self._stop = stop

    def payload(self, kind: type[T]) -> T:
        """What was asked for."""
        return msgspec.json.decode(self._claim.payload, type=kind)

    def checkpoint(self, kind: type[T]) -> T | None:
        """What an earlier run stored last, or None at the first run."""
        stored = self._claim.checkpoint
        return None if stored is None else msgspec.json.decode(stored, type=kind)

    async def advance(self, stage: str, done: int, total: int, checkpoint: Any = None) -> None:
        """Store progress, and the checkpoint if one is given. Raises Cancelled, Stopping or LeaseLost."""
        await self._database.write(lambda tx: self._advance(tx, stage, done, total, checkpoint))
        if self._stop():
            raise Stopping(self.id)

    def advance_in(self, tx: Tx, stage: str, done: int, total: int, checkpoint: Any = None) -> None:
        """As `advance`, in the transaction of the effect: both are stored, or neither.

        What it raises must leave the transaction, so that the effect is undone with it.
        """
        if self._stop():
            raise Stopping(self.id)
        self._advance(tx, stage, done, total, checkpoint)

    def finish_in(self, tx: Tx) -> None:
        """Be done if this transaction commits; for a last effect that must not happen twice."""
        now, _ = self._stamps()
        if not queue.end_mine(tx, self.id, self._me, "done", None, now):
            raise LeaseLost(self.id)

    def _advance(self, tx: Tx, stage: str, done: int, total: int, checkpoint: Any) -> None:
        mark = None if checkpoint is None else msgspec.json.encode(checkpoint).decode()
        now, until = self._stamps()
        cancelling = queue.advance(tx, self.id, self._me, (stage, done, total, mark), now, until)
        if cancelling is None:
            raise LeaseLost(self.id)
        if cancelling:
            raise Cancelled(self.id)
