"""Events arrive: at least once, in order, and what does not arrive is kept and explained."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

import msgspec
import pytest

from kernel.data import Database, Tx
from kernel.data.dispatch import Dispatcher, Patience, Subscription
from kernel.errors import Conflict, Invalid, NotFound, Unreachable
from kernel.facade import Principal, calling, current
from kernel.facade.event import Envelope
from kernel.testing.databases import Databases
from kernel.testing.ledger import Numbered, all_heard, all_told, hear, source_metadata, target_metadata, tell

Handle = Callable[[Envelope], Awaitable[object]]
TOPIC = "source.Numbered"
QUICK = Patience(poll_seconds=0.05, lease_seconds=0.6, first_pause_seconds=0.05, grace_seconds=1.0)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def subscription(handle: Handle, consumer: str = "target.hear", *, observes: bool = False) -> Subscription:
    async def void(envelope: Envelope) -> None:
        await handle(envelope)

    return Subscription(consumer, ("*",) if observes else (TOPIC,), void, observes)


@asynccontextmanager
async def pair(databases: Databases) -> AsyncIterator[tuple[Database, Database]]:
    async with (
        databases.opened("source", source_metadata) as source,
        databases.opened("target", target_metadata) as target,
    ):
        yield source, target


async def tell_one(source: Database, lane: str, number: int) -> str:
    return await source.write(lambda tx: tell(tx, lane, number))


async def tell_many(source: Database, lane: str, count: int) -> None:
    for number in range(count):
        await tell_one(source, lane, number)


def number_of(envelope: Envelope) -> int:
    return msgspec.json.decode(envelope.payload, type=Numbered).number


async def test_delivers_what_was_committed_and_nothing_else(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        dispatcher = Dispatcher(source, [subscription(lambda envelope: hear(target, envelope))])
        await tell_many(source, "a", 3)

        def undone(tx: Tx) -> None:
            tell(tx, "a", 3)
            raise Conflict(what="undone")

        with pytest.raises(Conflict, match="undone"):
            await source.write(undone)
        assert await dispatcher.drain() == 3
        assert await all_heard(target) == await all_told(source) == {"a": [0, 1, 2]}


async def test_an_envelope_tells_who_what_and_when(databases: Databases) -> None:
    async with databases.opened("source", source_metadata) as source:
        seen: list[Envelope] = []

        async def look(envelope: Envelope) -> None:
            seen.append(envelope)
            assert current().caller == "source"

        before = datetime.now(UTC)
        with calling(trace_id="0af7651916cd43dd8448eb211c80319c", principal=Principal(name="ann", role="operator")):
            envelope_id = await source.write(lambda tx: tell(tx, "a", 1))
        await source.write(lambda tx: tell(tx, "a", 2))
        await Dispatcher(source, [subscription(look)]).drain()
        first, second = seen
        assert (first.id, first.topic, first.key, first.actor) == (envelope_id, TOPIC, "a", "ann")
        assert (first.trace_id, number_of(first)) == ("0af7651916cd43dd8448eb211c80319c", 1)
        assert before <= first.occurred_at <= datetime.now(UTC)
        assert (second.actor, second.trace_id) == ("source", None)


async def test_keeps_the_order_per_key_while_lanes_go_side_by_side(databases: Databases) -> None:
    async with pair(databases) as (source, target):

        async def slow_in_lane_a(envelope: Envelope) -> None:
            if envelope.key == "a":
                await asyncio.sleep(0.01)
            await hear(target, envelope)

        dispatcher = Dispatcher(source, [subscription(slow_in_lane_a)])
        for number in range(12):
            for lane in ("a", "b", "c"):
                await tell_one(source, lane, number)
        await dispatcher.drain()
        assert await all_heard(target) == {lane: list(range(12)) for lane in "abc"}


async def test_a_failing_event_holds_up_its_lane_only(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        clock, broken = Clock(), True

        async def handle(envelope: Envelope) -> None:
            if broken and envelope.key == "a" and number_of(envelope) == 1:
                raise Conflict(what="not yet")
            await hear(target, envelope)

        dispatcher = Dispatcher(source, [subscription(handle)], clock=clock)
        clock.now = datetime.now(UTC)
        await tell_many(source, "a", 3)
        await tell_many(source, "b", 3)
        clock.pass_(1)
        await dispatcher.drain()
        assert await all_heard(target) == {"a": [0], "b": [0, 1, 2]}
        broken = False
        assert await dispatcher.drain() == 0  # it pauses
        clock.pass_(2)
        await dispatcher.drain()
        assert await all_heard(target) == {"a": [0, 1, 2], "b": [0, 1, 2]}


async def test_pauses_grow_and_end_in_a_dead_letter_that_says_why(databases: Databases) -> None:
    async with databases.opened("source", source_metadata) as source:
        clock, tries = Clock(), []

        async def refuse(envelope: Envelope) -> None:
            tries.append(round((clock.now - start).total_seconds()))
            raise Conflict(what="the book is shut")

        clock.now = start = datetime.now(UTC) + timedelta(seconds=1)
        dispatcher = Dispatcher(source, [subscription(refuse)], patience=Patience(failures=4), clock=clock)
        envelope_id = await source.write(lambda tx: tell(tx, "a", 1))
        for _ in range(30):
            await dispatcher.drain()
            clock.pass_(1)
        assert tries == [0, 1, 3, 7]
        (letter,) = await dispatcher.dead_letters()
        assert (letter.envelope.id, letter.consumer, letter.tries) == (envelope_id, "target.hear", 4)
        assert letter.problem == "Conflict: the book is shut"


async def test_a_dead_letter_can_be_replayed_and_does_not_hold_up_its_lane(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        broken = True

        async def handle(envelope: Envelope) -> None:
            if broken and number_of(envelope) == 0:
                raise ValueError("a mistake of ours")
            await hear(target, envelope)

        dispatcher = Dispatcher(source, [subscription(handle)], patience=Patience(failures=1))
        await tell_many(source, "a", 2)
        await dispatcher.drain()
        await dispatcher.drain()
        assert await all_heard(target) == {"a": [1]}
        (letter,) = await dispatcher.dead_letters()
        assert letter.problem == "ValueError: a mistake of ours"
        broken = False
        await dispatcher.replay(letter.envelope.id, letter.consumer)
        await dispatcher.drain()
        assert (await all_heard(target), await dispatcher.dead_letters()) == ({"a": [1, 0]}, ())
        with pytest.raises(NotFound, match="there is no dead letter for target"):
            await dispatcher.replay(letter.envelope.id, letter.consumer)


async def test_a_consumer_that_is_away_does_not_use_up_its_tries(databases: Databases) -> None:
    async with databases.opened("source", source_metadata) as source:
        clock = Clock()
        clock.now = datetime.now(UTC) + timedelta(seconds=1)

        async def away(envelope: Envelope) -> None:
            raise Unreachable(peer="http://127.0.0.1:1", reason="connection refused")

        dispatcher = Dispatcher(source, [subscription(away)], patience=Patience(failures=2), clock=clock)
        await tell_many(source, "a", 1)
        for _ in range(6):
            await dispatcher.drain()
            clock.pass_(301)
        assert await dispatcher.dead_letters() == ()
        (backlog,) = await dispatcher.backlog()
        assert (backlog.consumer, backlog.waiting, backlog.dead) == ("target.hear", 1, 0)


async def test_a_handler_that_does_not_end_is_a_failure_with_a_sentence(databases: Databases) -> None:
    async with databases.opened("source", source_metadata) as source:

        async def hangs(envelope: Envelope) -> None:
            await asyncio.sleep(60)

        patience = Patience(failures=1, handler_seconds=0.05)
        dispatcher = Dispatcher(source, [subscription(hangs)], patience=patience)
        await tell_many(source, "a", 1)
        await dispatcher.drain()
        (letter,) = await dispatcher.dead_letters()
        assert letter.problem == "target.hear did not end within 0.05 s"


async def test_parks_what_nobody_handles_until_somebody_does(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        seen: list[int] = []

        async def watch(envelope: Envelope) -> None:
            seen.append(number_of(envelope))

        trail = subscription(watch, "audit.trail", observes=True)
        early = Dispatcher(source, [trail])
        await tell_many(source, "a", 2)
        await early.drain()
        await source.write(lambda tx: tell(tx, "a", 2))
        await early.drain()
        assert seen == [0, 1, 2]
        assert [number_of(envelope) for envelope in await early.parked()] == [0, 1, 2]

        late = Dispatcher(source, [trail, subscription(lambda envelope: hear(target, envelope))])
        await late.drain()
        assert (await late.parked(), await all_heard(target), seen) == ((), {"a": [0, 1, 2]}, [0, 1, 2])


async def test_what_was_parked_reaches_every_consumer_of_a_first_start(databases: Databases) -> None:
    async with databases.opened("source", source_metadata) as source:
        heard: list[str] = []

        async def never(envelope: Envelope) -> None:
            raise AssertionError(envelope)

        def listener(name: str, *, observes: bool = False) -> Subscription:
            async def listen(envelope: Envelope) -> None:
                heard.append(name)

            return subscription(listen, name, observes=observes)

        await tell_one(source, "a", 0)
        elsewhere = Subscription("target.elsewhere", ("source.Other",), never)
        others = [listener("target.second"), listener("target.looks_on", observes=True), elsewhere]
        dispatcher = Dispatcher(source, [listener("target.first"), *others])
        assert await dispatcher.drain() == 3
        assert sorted(heard) == ["target.first", "target.looks_on", "target.second"]
        assert await dispatcher.parked() == ()
        assert await dispatcher.drain() == 0


async def test_a_consumer_that_no_process_runs_keeps_its_events(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        hearer = subscription(lambda envelope: hear(target, envelope))

        async def other(envelope: Envelope) -> None: ...

        await Dispatcher(source, [hearer]).drain()
        await tell_many(source, "a", 2)
        without = Dispatcher(source, [subscription(other, "other.listener")])
        await without.drain()
        assert [(one.consumer, one.waiting) for one in await without.backlog()] == [("target.hear", 2)]
        await Dispatcher(source, [hearer]).drain()
        assert await all_heard(target) == {"a": [0, 1]}


async def test_a_forgotten_consumer_leaves_nothing_behind(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        dispatcher = Dispatcher(source, [subscription(lambda envelope: hear(target, envelope))])
        await dispatcher.drain()
        await tell_many(source, "a", 2)
        assert await dispatcher.forget("target.hear") == 2
        await source.write(lambda tx: tell(tx, "a", 2))
        assert (await dispatcher.backlog(), len(await dispatcher.parked())) == ((), 1)


async def test_a_commit_wakes_the_dispatcher(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        arrived = asyncio.Event()

        async def handle(envelope: Envelope) -> None:
            await hear(target, envelope)
            arrived.set()

        patience = Patience(poll_seconds=30)
        running = asyncio.create_task(Dispatcher(source, [subscription(handle)], patience=patience).run())
        await asyncio.sleep(0.2)
        await source.write(lambda tx: tell(tx, "a", 0))
        await asyncio.wait_for(arrived.wait(), 5)
        await stop(running)


async def test_finds_what_another_process_wrote_by_polling(databases: Databases) -> None:
    async with databases.opened("source", source_metadata) as source:
        arrived = asyncio.Event()

        async def handle(envelope: Envelope) -> None:
            arrived.set()

        running = asyncio.create_task(Dispatcher(source, [subscription(handle)], patience=QUICK).run())
        await asyncio.sleep(0.1)
        other = await Database.open("source", databases.url)
        await other.write(lambda tx: tell(tx, "a", 0))
        await other.close()
        await asyncio.wait_for(arrived.wait(), 5)
        await stop(running)


async def test_two_dispatchers_on_one_database_apply_nothing_twice_and_keep_the_order(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        other = await Database.open("source", databases.url)
        twice: list[str] = []
        arrived = asyncio.Semaphore(0)

        async def handle(envelope: Envelope) -> None:
            if not await hear(target, envelope):
                twice.append(envelope.id)
            arrived.release()

        both = [Dispatcher(one, [subscription(handle)], patience=QUICK) for one in (source, other)]
        running = [asyncio.create_task(dispatcher.run()) for dispatcher in both]
        for number in range(40):
            for lane in "abc":
                await tell_one(source, lane, number)
        async with asyncio.timeout(10):
            for _ in range(120):
                await arrived.acquire()
        await stop(*running)
        assert (await all_heard(target), twice) == ({lane: list(range(40)) for lane in "abc"}, [])
        await other.close()


async def test_what_a_dead_process_had_claimed_goes_on_when_its_lease_runs_out(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        clock = Clock()
        clock.now = datetime.now(UTC) + timedelta(seconds=1)
        dead = Dispatcher(source, [subscription(lambda envelope: hear(target, envelope))], clock=clock)
        await dead.drain()
        await tell_many(source, "a", 2)
        assert len(await dead._claim()) == 2
        heir = Dispatcher(source, [subscription(lambda envelope: hear(target, envelope))], clock=clock)
        assert await heir.drain() == 0
        clock.pass_(16)
        assert await heir.drain() == 2


async def test_a_clock_that_is_set_back_stops_nothing(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        clock = Clock()
        clock.now = datetime.now(UTC) + timedelta(days=400)
        ahead = Dispatcher(source, [subscription(lambda envelope: hear(target, envelope))], clock=clock)
        await ahead.drain()
        await tell_many(source, "a", 1)
        assert len(await ahead._claim()) == 1
        clock.pass_(-399 * 86400)
        assert await ahead.drain() == 1


async def test_a_stop_lets_the_running_handler_end_and_gives_back_the_rest(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        began = asyncio.Event()

        async def handle(envelope: Envelope) -> None:
            began.set()
            await asyncio.sleep(0.1)
            await hear(target, envelope)

        hearer = subscription(handle)
        await tell_many(source, "a", 3)
        running = asyncio.create_task(Dispatcher(source, [hearer]).run())
        await began.wait()
        await stop(running)
        assert await all_heard(target) == {"a": [0]}
        assert await Dispatcher(source, [hearer]).drain() == 2  # at once: no lease is left


async def test_a_stop_in_the_middle_of_a_claim_leaves_no_lease(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        hearer = subscription(lambda envelope: hear(target, envelope))
        heir = Dispatcher(source, [hearer])
        await heir.drain()
        for number in range(10):
            running = asyncio.create_task(Dispatcher(source, [hearer]).run())
            await tell_one(source, "a", number)
            await asyncio.sleep(0.0005 * number)
            await stop(running)
        await heir.drain()
        assert await all_heard(target) == {"a": list(range(10))}


async def test_a_slow_handler_keeps_its_lease_by_the_heartbeat(databases: Databases) -> None:
    async with databases.opened("source", source_metadata) as source:
        arrivals, ended = [], asyncio.Event()

        async def slow(envelope: Envelope) -> None:
            arrivals.append(number_of(envelope))
            await asyncio.sleep(1.5)
            ended.set()

        hearer = subscription(slow)
        running = [asyncio.create_task(Dispatcher(source, [hearer], patience=QUICK).run()) for _ in range(2)]
        await asyncio.sleep(0.1)
        await tell_one(source, "a", 0)
        await asyncio.wait_for(ended.wait(), 5)
        await stop(*running)
        assert arrivals == [0]


async def test_a_locked_outbox_delays_the_note_and_loses_it_not(databases: Databases) -> None:
    async with databases.opened("source", source_metadata, busy_seconds=0.1) as source:
        other, arrivals, locked, unlock = await Database.open("source", databases.url), [], Event(), Event()

        def hold(tx: Tx) -> None:
            locked.set()
            unlock.wait(10)

        async def handle(envelope: Envelope) -> None:
            arrivals.append(asyncio.create_task(other.write(hold)))
            await asyncio.to_thread(locked.wait, 5)

        patience = Patience(poll_seconds=0.05, lease_seconds=60)
        dispatcher = Dispatcher(source, [subscription(handle)], patience=patience)
        running = asyncio.create_task(dispatcher.run())
        await asyncio.sleep(0.2)
        await tell_one(source, "a", 0)
        await asyncio.to_thread(locked.wait, 5)
        await asyncio.sleep(0.4)
        assert [one.waiting for one in await dispatcher.backlog()] == [1]
        unlock.set()
        async with asyncio.timeout(5):
            while await dispatcher.backlog():
                await asyncio.sleep(0.02)
        await stop(running)
        assert len(arrivals) == 1
        await asyncio.gather(*arrivals)
        await other.close()


async def test_draining_beside_a_running_one_does_not_stop_it(databases: Databases) -> None:
    async with pair(databases) as (source, target):
        dispatcher = Dispatcher(source, [subscription(lambda envelope: hear(target, envelope))], patience=QUICK)
        running = asyncio.create_task(dispatcher.run())
        await tell_one(source, "a", 0)
        await dispatcher.drain()
        await tell_one(source, "a", 1)
        async with asyncio.timeout(5):
            while len((await all_heard(target)).get("a", [])) < 2:
                await asyncio.sleep(0.02)
        await stop(running)


async def test_refuses_one_consumer_named_twice(databases: Databases) -> None:
    async with databases.opened("source", source_metadata) as source:

        async def handle(envelope: Envelope) -> None: ...

        with pytest.raises(Invalid, match="each consumer once"):
            Dispatcher(source, [subscription(handle), subscription(handle)])


async def test_a_stop_in_the_moment_of_a_nudge_is_not_lost(databases: Databases) -> None:
    async with databases.opened("source", source_metadata) as source:
        dispatcher = Dispatcher(source, [], patience=Patience(poll_seconds=30))
        running = asyncio.create_task(dispatcher.run())
        await asyncio.sleep(0.2)
        dispatcher._wake.set()
        await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=3)
        assert done


async def stop(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
