"""Carries a module's events from its outbox to their consumers: at least once, in order per consumer and key.

A commit in this process wakes it; commits of other processes on the same database are found by a slow poll. Lanes go
side by side, one event of a lane at a time. What a consumer could not take is tried again after growing pauses, then
kept as a dead letter; a consumer that could not be reached at all does not use up its tries.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from kernel.data import letters
from kernel.data.database import Database, touch
from kernel.data.deliveries import Delivery, Outcome, Span, claim, release_all, release_dead, renew, settle
from kernel.data.engine import Tx
from kernel.data.letters import Backlog, DeadLetter
from kernel.data.owner import new_owner
from kernel.data.subscribers import Subscription, forget, subscribe
from kernel.data.tables import to_us
from kernel.errors import Busy, Fault, Invalid, Unavailable, Unreachable
from kernel.facade.context import calling
from kernel.facade.event import Envelope

__all__ = ["Backlog", "DeadLetter", "Dispatcher", "Patience", "Subscription"]

_log = logging.getLogger(__name__)
_SECOND = 1_000_000


@dataclass(frozen=True)
class Patience:
    """How long, how often, how many. A dead process's deliveries go on after `lease_seconds`, on its machine sooner."""

    lease_seconds: float = 15.0
    poll_seconds: float = 2.0
    handler_seconds: float = 60.0
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 300.0
    failures: int = 12
    grace_seconds: float = 5.0
    lanes: int = 8
    batch: int = 256


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Dispatcher:
    """The carrier of one module's events in this process. Several processes may carry for the same database."""

    def __init__(
        self,
        database: Database,
        subscriptions: Sequence[Subscription],
        *,
        patience: Patience = Patience(),
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._database = database
        self._subscriptions = {one.consumer: one for one in subscriptions}
        if len(self._subscriptions) < len(subscriptions):
            raise Invalid(
                where=f"subscriptions to {database.module}", expected="each consumer once, with all its topics"
            )
        self._patience = patience
        self._clock = clock
        self._me = new_owner()
        self._wake = asyncio.Event()
        self._stopping, self._at_it = False, 0
        self._lanes: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(patience.lanes)
        self._outcomes: list[Outcome] = []
        self._settling = asyncio.Lock()
        self._delivered = 0

    async def run(self) -> None:
        """Carry until cancelled; then let running handlers end, and give back what was claimed."""
        async with self._at_work():
            while True:
                self._wake.clear()
                if not await self._carry_some():
                    try:
                        async with asyncio.timeout(self._patience.poll_seconds):  # see Jobs.run
                            await self._wake.wait()
                    except TimeoutError:
                        await self._free_what_the_dead_held()

    async def drain(self) -> int:
        """Carry all that can be carried now; gives how many deliveries were taken. Pausing ones are left for later."""
        before = self._delivered
        async with self._at_work():
            while await self._carry_some() or self._lanes:
                if self._lanes:
                    await asyncio.wait(self._lanes)
        return self._delivered - before

    async def dead_letters(self, most: int = 100) -> tuple[DeadLetter, ...]:
        """What a consumer could not take, oldest first, with what it said."""
        return await self._database.read(lambda tx: letters.dead_letters(tx, most))

    async def parked(self, most: int = 100) -> tuple[Envelope, ...]:
        """Events that nobody handles; they are delivered when somebody subscribes to their topic."""
        return await self._database.read(lambda tx: letters.parked(tx, most))

    async def backlog(self) -> tuple[Backlog, ...]:
        """What each consumer has not taken yet; also consumers that no process runs any more."""
        return await self._database.read(letters.backlog)

    async def replay(self, event_id: str, consumer: str) -> None:
        """Deliver a dead letter again. Raises NotFound."""

        def work(tx: Tx) -> None:
            letters.replay(tx, event_id, consumer, to_us(self._clock()))
            touch(tx, "outbox")

        await self._database.write(work)

    async def forget(self, consumer: str) -> int:
        """Drop a consumer that will not come back, with all that waits for it; gives how many deliveries that was."""
        return await self._database.write(lambda tx: forget(tx, consumer))

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        """`drain` may be called while `run` goes on: the last to leave puts out the light."""
        self._stopping, self._at_it = False, self._at_it + 1
        deaf = self._database.on_commit("outbox", self._wake.set)
        heart = asyncio.create_task(self._beat())
        try:
            await self._subscribe()
            yield
        finally:
            deaf()
            self._at_it -= 1
            if not self._at_it:
                await self._stop()
            heart.cancel()

    async def _subscribe(self) -> None:
        def work(tx: Tx) -> None:
            subscribe(tx, self._subscriptions.values(), to_us(self._clock()))
            release_dead(tx)

        while True:
            try:
                return await self._database.write(work)
            except (Busy, Unavailable) as fault:
                _log.warning("subscriptions could not be written yet: %s", fault)
                await asyncio.sleep(self._patience.poll_seconds)

    async def _free_what_the_dead_held(self) -> None:
        try:
            await self._database.write(release_dead)
        except (Busy, Unavailable) as fault:
            _log.warning("the leases of dead processes could not be looked at: %s", fault)

    async def _carry_some(self) -> bool:
        """Claim what may go and start its lanes; False if there was nothing."""
        while len(self._lanes) >= self._patience.batch:
            await asyncio.wait(self._lanes, return_when=asyncio.FIRST_COMPLETED)
        try:
            await self._settle()
            taken = await self._claim()
        except (Busy, Unavailable) as fault:
            _log.warning("no event could be claimed: %s", fault)
            return False
        lanes: dict[tuple[str, str], list[Delivery]] = {}
        for delivery in taken:
            lanes.setdefault(delivery.lane, []).append(delivery)
        for lane in lanes.values():
            task = asyncio.create_task(self._go(lane))
            self._lanes.add(task)
            task.add_done_callback(self._gone)
        return bool(taken)

    async def _claim(self) -> list[Delivery]:
        consumers, most = tuple(self._subscriptions), self._patience.batch
        return await self._database.write(lambda tx: claim(tx, consumers, self._me, self._span(), most))

    def _gone(self, lane: asyncio.Task[None]) -> None:
        self._lanes.discard(lane)
        self._wake.set()

    async def _go(self, lane: list[Delivery]) -> None:
        """Hand over one lane's events, one after another; stop at the first that is not taken."""
        left = deque(lane)
        try:
            async with self._room:
                while left and not self._stopping:
                    outcome = await self._hand_over(left[0])
                    self._outcomes.append(outcome)
                    left.popleft()
                    if outcome.after != "done":
                        break
        finally:
            self._outcomes.extend(Outcome(delivery, "released") for delivery in left)
        with contextlib.suppress(Busy, Unavailable):  # the next turn tries again
            await self._settle()

    async def _hand_over(self, delivery: Delivery) -> Outcome:
        handle = self._subscriptions[delivery.consumer].handle
        seconds = self._patience.handler_seconds
        try:
            with calling(caller=self._database.module, trace_id=delivery.envelope.trace_id):
                async with asyncio.timeout(seconds):
                    await handle(delivery.envelope)
        except (Busy, Unavailable, Unreachable) as fault:
            return self._missed(delivery, str(fault), counts=False)
        except Fault as fault:
            return self._missed(delivery, f"{type(fault).__name__}: {fault}", counts=True)
        except TimeoutError:
            return self._missed(delivery, f"{delivery.consumer} did not end within {seconds:g} s", counts=True)
        except Exception as error:
            _log.exception("%s failed on %s by a mistake of ours", delivery.consumer, delivery.envelope.topic)
            return self._missed(delivery, f"{type(error).__name__}: {error}", counts=True)
        self._delivered += 1
        return Outcome(delivery, "done")

    def _missed(self, delivery: Delivery, problem: str, *, counts: bool) -> Outcome:
        if counts and delivery.failures + 1 >= self._patience.failures:
            _log.error("event %s is a dead letter for %s: %s", delivery.envelope.id, delivery.consumer, problem)
            return Outcome(delivery, "dead", problem)
        pause = self._patience.first_pause_seconds * 2 ** min(delivery.tries, 30)
        pause_us = int(min(pause, self._patience.longest_pause_seconds) * _SECOND)
        return Outcome(delivery, "again", problem, counts, pause_us)

    async def _settle(self) -> None:
        """Write all outcomes so far in one transaction; what comes meanwhile goes into the next."""
        async with self._settling:
            outcomes, self._outcomes = self._outcomes, []
            if not outcomes:
                return
            now = to_us(self._clock())
            try:
                await self._database.write(lambda tx: settle(tx, self._me, outcomes, now))
            except BaseException:
                self._outcomes = outcomes + self._outcomes
                raise

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._patience.lease_seconds / 3)
            if not self._lanes:
                continue
            try:
                await self._database.write(lambda tx: renew(tx, self._me, self._span()))
            except Fault as fault:
                _log.warning("the leases of events under way could not be renewed: %s", fault)

    async def _stop(self) -> None:
        self._stopping = True
        if self._lanes:
            _, late = await asyncio.wait(self._lanes, timeout=self._patience.grace_seconds)
            for lane in late:
                lane.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with contextlib.suppress(Busy, Unavailable):  # leases run out by themselves
            await self._settle()
            await self._database.write(lambda tx: release_all(tx, self._me))

    def _span(self) -> Span:
        now, patience = to_us(self._clock()), self._patience
        longest = max(patience.longest_pause_seconds, patience.first_pause_seconds)
        return Span(now, now + int(patience.lease_seconds * _SECOND), now + int(longest * _SECOND))
