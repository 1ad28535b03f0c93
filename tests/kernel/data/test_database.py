"""A transaction means the same on both databases, and trouble has a name."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from kernel.data import Database, Tx
from kernel.data.database import touch
from kernel.data.tables import foreign_keys_leaving, house_tables, owned_tables
from kernel.errors import Busy, Invalid, Unavailable
from kernel.facade import calling, current
from kernel.testing.databases import Databases

metadata = house_tables(MetaData())
counter = Table("counter", metadata, Column("id", Integer, primary_key=True), Column("n", Integer, nullable=False))
child = Table("child", metadata, Column("id", Integer, ForeignKey("counter.id"), primary_key=True, autoincrement=False))


def start(tx: Tx) -> None:
    tx.execute(insert(counter), {"id": 1, "n": 0})


def value(tx: Tx) -> int:
    return int(tx.execute(select(counter.c.n)).scalar_one())


def increment(tx: Tx) -> int:
    """Read, decide, write: loses an update wherever two writers overlap."""
    n = value(tx) + 1
    tx.execute(update(counter).values(n=n))
    return n


async def test_undoes_all_when_the_work_raises(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        await db.write(start)

        def work(tx: Tx) -> None:
            increment(tx)
            raise ValueError("no")

        with pytest.raises(ValueError, match="no"):
            await db.write(work)
        assert await db.read(value) == 0


async def test_two_processes_worth_of_writers_lose_no_update_and_none_fails(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        other = await Database.open("toy", databases.url)
        await db.write(start)
        await asyncio.gather(*((db if n % 2 else other).write(increment) for n in range(160)))
        assert await db.read(value) == 160
        await other.close()


async def test_the_caller_s_context_is_seen_in_the_transaction(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        with calling(caller="query", seconds=5):
            seen = [await door(lambda tx: current().caller) for door in (db.write, db.read, db.long_read)]
        assert seen == ["query"] * 3


async def test_a_read_cannot_write_and_the_mistake_is_not_hidden(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        await db.write(start)
        for door in (db.read, db.long_read):
            with pytest.raises(DBAPIError, match=r"readonly|read-only"):
                await door(increment)
        await db.write(increment)
        assert await db.read(value) == 1


async def test_a_read_sees_one_unchanging_state(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        await db.write(start)
        seen, wrote = threading.Event(), threading.Event()

        def twice(tx: Tx) -> tuple[int, int]:
            before = value(tx)
            seen.set()
            assert wrote.wait(5)
            return before, value(tx)

        reading = asyncio.create_task(db.long_read(twice))
        await asyncio.to_thread(seen.wait, 5)
        await db.write(increment)  # a long read does not hold up a write
        wrote.set()
        assert await reading == (0, 0)
        assert await db.read(value) == 1


async def test_a_lock_of_another_process_is_busy(databases: Databases) -> None:
    async with databases.opened("toy", metadata, busy_seconds=0.2) as db:
        other = await Database.open("toy", databases.url)
        inside, leave = threading.Event(), threading.Event()

        def hold(tx: Tx) -> None:
            start(tx)
            inside.set()
            leave.wait(10)

        holding = asyncio.create_task(other.write(hold))
        await asyncio.to_thread(inside.wait, 5)
        with pytest.raises(Busy, match=r"the database of toy .* is locked by another process; try again in 1 s"):
            await db.write(start)
        leave.set()
        await holding
        await db.write(increment)
        await other.close()


async def test_foreign_keys_hold_and_a_broken_one_is_not_called_trouble(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        with pytest.raises(IntegrityError):
            await db.write(lambda tx: tx.execute(insert(child), {"id": 9}))


async def test_listeners_hear_of_commits_that_touched_what_they_wait_for(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        heard: list[str] = []
        deaf = db.on_commit("outbox", lambda: heard.append("outbox"))

        def work(tx: Tx) -> None:
            touch(tx, "outbox")

        def undone(tx: Tx) -> None:
            touch(tx, "outbox")
            raise ValueError

        await db.write(start)
        with pytest.raises(ValueError):  # noqa: PT011
            await db.write(undone)
        await db.write(work)
        await asyncio.sleep(0)
        assert heard == ["outbox"]
        deaf()
        await db.write(work)
        await asyncio.sleep(0)
        assert heard == ["outbox"]


async def test_work_that_waits_when_its_caller_gives_up_is_not_done(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        await db.write(start)
        inside, leave = threading.Event(), threading.Event()

        def hold(tx: Tx) -> None:
            inside.set()
            leave.wait(10)

        holding = asyncio.create_task(db.write(hold))
        await asyncio.to_thread(inside.wait, 5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(db.write(increment), 0.05)
        leave.set()
        await holding
        assert await db.read(value) == 0


def pragma(name: str) -> Callable[[Tx], object]:
    return lambda tx: tx.exec_driver_sql(f"PRAGMA {name}").scalar()


async def test_a_file_is_opened_for_speed_or_for_durability(tmp_path: Path) -> None:
    for durable, synchronous in ((False, 1), (True, 2)):
        db = await Database.open("toy", f"sqlite:///{tmp_path}/{{module}}.db", durable=durable)
        assert await db.write(pragma("journal_mode")) == "wal"
        assert await db.write(pragma("synchronous")) == synchronous
        assert await db.read(pragma("foreign_keys")) == 1
        await db.close()
    assert (tmp_path / "toy.db").exists()


async def test_a_full_disk_is_told_and_nothing_is_changed(tmp_path: Path) -> None:
    databases = Databases("sqlite", f"sqlite:///{tmp_path}/{{module}}.db")
    async with databases.opened("toy", metadata) as db:
        await db.write(start)
        await db.write(pragma("max_page_count=1"))  # as many pages as there are: SQLite then says what a full disk says

        def fill(tx: Tx) -> None:
            increment(tx)
            tx.exec_driver_sql("CREATE TABLE big AS SELECT zeroblob(1000000)")

        with pytest.raises(Unavailable, match="the disk is full: free some space") as caught:
            await db.write(fill)
        assert caught.value.ran == "no"
        assert await db.read(value) == 0


def _garbage(folder: Path) -> None:
    (folder / "toy.db").write_text("this is a letter to a friend, and no database at all\n" * 40)


def _folder(folder: Path) -> None:
    (folder / "toy.db").mkdir()


def _nothing(folder: Path) -> None:
    folder.rmdir()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_garbage, "the file is no SQLite database: move it away or restore a backup"),
        (_folder, "the file cannot be opened: its folder must exist and be writable"),
        (_nothing, "the file cannot be opened: its folder must exist and be writable"),
    ],
)
async def test_what_is_no_database_is_refused_in_words(
    tmp_path: Path, spoil: Callable[[Path], None], sentence: str
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    spoil(folder)
    with pytest.raises(Unavailable) as caught:
        await Database.open("toy", f"sqlite:///{folder}/{{module}}.db")
    assert str(caught.value) == f"the database of toy ({folder}/toy.db) cannot be used: {sentence}"


async def test_a_server_that_is_away_is_told_without_its_password() -> None:
    with pytest.raises(Unavailable, match="the server cannot be reached") as caught:
        await Database.open("toy", "postgresql+psycopg://ann:secret@127.0.0.1:1/home", busy_seconds=1)
    assert "secret" not in str(caught.value)
    assert "***@127.0.0.1:1/home" in str(caught.value)


@pytest.mark.parametrize("url", ["", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "letter"])
async def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match=r"a URL like sqlite:///<file> or postgresql\+psycopg://"):
        await Database.open("toy", url)


async def test_a_module_s_name_cannot_carry_sql(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="a name like `patterns`"):
        await Database.open('x"; DROP', f"sqlite:///{tmp_path}/x.db")


async def test_goes_on_after_the_server_ended_the_connection(databases: Databases) -> None:
    async with databases.opened("toy", metadata) as db:
        await db.write(start)
        if db.dialect == "postgresql":
            terminate = "SELECT pg_terminate_backend(pg_backend_pid())"
            with pytest.raises(Unavailable, match="the server cannot be reached"):
                await db.write(lambda tx: [increment(tx), tx.exec_driver_sql(terminate)])
        assert await db.write(increment) == 1


def test_owns_its_tables_and_no_key_leaves_them() -> None:
    assert owned_tables(metadata) == {"counter", "child"}
    assert foreign_keys_leaving(metadata) == ()
    assert foreign_keys_leaving(house_tables(MetaData())) == ()
    astray = house_tables(MetaData())
    Table("habits", astray, Column("home", ForeignKey("homes.id")), Column("event", ForeignKey("house_outbox.id")))
    assert foreign_keys_leaving(astray) == ("habits.event -> house_outbox.id", "habits.home -> homes.id")


async def test_a_module_s_role_cannot_read_its_neighbour(databases: Databases) -> None:
    with databases.role_per_module("toy", "neighbour") as own:
        async with own.opened("toy", metadata) as toy, own.opened("neighbour", metadata) as neighbour:
            await toy.write(start)
            assert await toy.read(value) == 0
            with pytest.raises((Unavailable, DBAPIError), match=r"the role may not do this|no such table"):
                await neighbour.read(lambda tx: tx.exec_driver_sql("SELECT n FROM toy.counter").scalar())
