"""A token that another process has just made works at once, and asking with wrong ones costs little."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from litestar import get
from sqlalchemy import Connection, event, text
from sqlalchemy.engine import Engine
from tests.kernel.runtime.house import house, visiting

from kernel.data import Database
from kernel.runtime.access import Access, guard
from kernel.runtime.access.again import PATIENCE_SECONDS, PAUSE_SECONDS
from kernel.runtime.access.token import new_secret
from kernel.runtime.settings.tree import LimitSettings
from kernel.runtime.tables import metadata
from kernel.testing.databases import Databases

CREATE = """
import asyncio, sys
from kernel.data import Database
from kernel.runtime.access import Access
async def main():
    database = await Database.open('kernel', sys.argv[1])
    print((await Access(database).create(sys.argv[2], 'viewer')).secret.reveal())
    await database.close()
asyncio.run(main())
"""


async def made_elsewhere(databases: Databases, name: str = "tablet") -> bytes:
    command = [sys.executable, "-c", CREATE, databases.url, name]
    done = await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)
    return done.stdout.strip()


@pytest.fixture
def reads() -> Iterator[list[float]]:
    """When the table of tokens was read, in this process."""
    times: list[float] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.startswith("SELECT") and "tokens" in statement:
            times.append(time.monotonic())

    event.listen(Engine, "before_cursor_execute", note)
    yield times
    event.remove(Engine, "before_cursor_execute", note)


async def test_a_token_made_by_another_process_works_at_once(kernel_database: Database, databases: Databases) -> None:
    access = Access(kernel_database)
    await access.refresh()
    secret = await made_elsewhere(databases)
    assert access.verify(secret) is None
    principal = await access.verify_anew(secret)
    assert principal is not None
    assert (principal.name, principal.role) == ("tablet", "viewer")
    assert access.verify(secret) == principal


@get("/api/v1/hello", guards=[guard("viewer")])
async def hello() -> str:
    return "hello"


async def test_it_is_let_in_before_it_is_counted_as_wrong(kernel_database: Database, databases: Databases) -> None:
    access = Access(kernel_database)
    app = house([hello], LimitSettings(failures_per_minute=1), access=access)
    async with visiting(app, None) as client:
        for name in ("one", "two", "three"):
            secret = (await made_elsewhere(databases, name)).decode()
            answer = await client.get("/api/v1/hello", headers={"authorization": f"Bearer {secret}"})
            assert (answer.status_code, answer.text) == (200, "hello")
        wrong = {"authorization": f"Bearer {new_secret()}"}
        assert [(await client.get("/api/v1/hello", headers=wrong)).status_code for _ in range(2)] == [401, 429]


async def test_wrong_tokens_share_few_reads(kernel_database: Database, reads: list[float]) -> None:
    access = Access(kernel_database)
    began = time.monotonic()

    async def guess() -> None:
        while time.monotonic() < began + 1.0:
            assert await access.verify_anew(new_secret().encode()) is None

    await asyncio.gather(*(guess() for _ in range(100)))
    assert 2 <= len(reads) <= (time.monotonic() - began) / PAUSE_SECONDS + 1


async def test_what_is_no_token_and_what_is_known_cause_no_read(kernel_database: Database, reads: list[float]) -> None:
    access = Access(kernel_database)
    secret = (await access.create("a", "viewer")).secret.reveal()
    app = house([hello], access=access)
    reads.clear()
    async with visiting(app, None) as client:
        for value, status in ((f"Bearer {secret}", 200), ("Bearer eyJ0eXAi.eyJpc3Mi.c2ln", 401), ("Basic eDp5", 401)):
            answer = await client.get("/api/v1/hello", headers={"authorization": value})
            assert answer.status_code == status
    assert reads == []


async def test_a_token_made_while_the_table_is_read_is_found_by_the_next_read(
    kernel_database: Database, databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read that began before the token was made must not speak for it."""
    from kernel.runtime.access import store

    access, begun, go_on = Access(kernel_database), asyncio.Event(), asyncio.Event()
    read, loop = store.tokens, asyncio.get_running_loop()

    def slow(tx: Connection) -> object:
        found = read(tx)
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(20)
        return found

    monkeypatch.setattr(store, "tokens", slow)
    first = asyncio.create_task(access.verify_anew(new_secret().encode()))
    await begun.wait()
    secret = await made_elsewhere(databases)
    monkeypatch.setattr(store, "tokens", read)
    second = asyncio.create_task(access.verify_anew(secret))
    await asyncio.sleep(0)
    go_on.set()
    assert await first is None
    assert await second is not None


async def test_nobody_new_is_let_in_while_the_table_cannot_be_read(databases: Databases) -> None:
    async with databases.migrated("kernel", metadata) as database:
        access = Access(database)
        known = (await access.create("known", "viewer")).secret.reveal().encode()
        secret = await made_elsewhere(databases)
        await database.write(lambda tx: tx.execute(text(f"ALTER TABLE {_tokens(database)} RENAME TO elsewhere")))
        assert await access.verify_anew(secret) is None
        assert access.verify(known) is not None
        await database.write(
            lambda tx: tx.execute(text(f"ALTER TABLE {_tokens(database, 'elsewhere')} RENAME TO tokens"))
        )
        assert await access.verify_anew(secret) is not None


async def test_a_stuck_table_holds_nobody_for_long(databases: Databases) -> None:
    async with databases.migrated("kernel", metadata) as database:
        access = Access(database)
        secret = await made_elsewhere(databases)
        stuck = asyncio.create_task(database.read(lambda tx: time.sleep(PATIENCE_SECONDS + 1)))
        await asyncio.sleep(0.05)
        began = time.monotonic()
        assert await access.verify_anew(secret) is None
        assert time.monotonic() - began < PATIENCE_SECONDS + 0.5
        await stuck
        assert await access.verify_anew(secret) is not None


def _tokens(database: Database, name: str = "tokens") -> str:
    return f"kernel.{name}" if database.dialect == "postgresql" else name
