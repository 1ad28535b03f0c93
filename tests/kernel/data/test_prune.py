"""What is done goes after its time; what is not done stays, however old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import MetaData, func, select

from kernel.data import Database, Tx
from kernel.data.dispatch import Dispatcher, Patience, Subscription
from kernel.data.jobs import Job, Jobs
from kernel.data.once import once
from kernel.data.prune import Pruned, prune
from kernel.data.tables import HOUSE
from kernel.errors import Conflict
from kernel.facade.context import Context, enter, leave
from kernel.facade.event import Envelope
from kernel.testing.databases import Databases
from kernel.testing.ledger import hear, source_metadata, target_metadata, tell

NOTHING = Pruned(deliveries=0, events=0, inbox=0, replies=0, jobs=0)


def later(days: int) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


async def rows(database: Database, metadata: MetaData) -> dict[str, int]:
    def work(tx: Tx) -> dict[str, int]:
        counts = {name: select(func.count()).select_from(table) for name, table in metadata.tables.items()}
        return {name: tx.execute(count).scalar_one() for name, count in counts.items()}

    return await database.read(work)


async def test_done_events_replies_and_jobs_go_after_their_time(databases: Databases) -> None:
    async with (
        databases.opened("source", source_metadata) as source,
        databases.opened("target", target_metadata) as target,
    ):

        async def handle(envelope: Envelope) -> None:
            await hear(target, envelope)

        async def work(job: Job) -> None: ...

        jobs = Jobs(source)
        jobs.handle("sweep", work)
        token = enter(Context(received="k"))
        await once(source, "source/Told/tell", ("a", 1), str, lambda tx: tell(tx, "a", 1))
        leave(token)
        await source.write(lambda tx: jobs.enqueue(tx, "sweep", None))
        await jobs.drain()
        await Dispatcher(source, [Subscription("target.hear", ("source.Numbered",), handle)]).drain()

        assert await prune(source, later(6)) == NOTHING
        assert await prune(source, later(8)) == Pruned(deliveries=1, events=1, inbox=0, replies=1, jobs=0)
        assert await prune(source, later(91)) == Pruned(deliveries=0, events=0, inbox=0, replies=0, jobs=1)
        assert await prune(target, later(59)) == NOTHING
        assert (await prune(target, later(61))).inbox == 1
        left = await rows(source, HOUSE)
        assert {name for name, count in left.items() if count} == {"house_subscriptions"}


async def test_parked_waiting_and_dead_events_and_queued_jobs_stay(databases: Databases) -> None:
    async with databases.opened("source", source_metadata) as source:

        async def refuse(envelope: Envelope) -> None:
            raise Conflict(what="no")

        dispatcher = Dispatcher(
            source,
            [Subscription("target.hear", ("source.Numbered",), refuse)],
            patience=Patience(failures=1),
        )
        await source.write(lambda tx: tell(tx, "a", 1))
        assert len(await dispatcher.parked()) == 1
        assert await prune(source, later(400)) == NOTHING
        await dispatcher.drain()
        await source.write(lambda tx: tell(tx, "a", 2))
        await source.write(lambda tx: Jobs(source).enqueue(tx, "sweep", None))
        assert await prune(source, later(400)) == NOTHING
        (backlog,) = await dispatcher.backlog()
        assert (backlog.dead, backlog.waiting) == (1, 1)
