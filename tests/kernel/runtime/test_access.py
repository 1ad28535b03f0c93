"""Tokens: made once, kept as a digest, stopped everywhere within seconds."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from kernel.data import Database
from kernel.errors import Conflict, Invalid, NotFound
from kernel.runtime.access import REFRESH_SECONDS, Access, allows
from kernel.runtime.tables import tokens
from kernel.testing.databases import Databases


class Clock:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def test_a_token_opens_with_its_name_and_role(kernel_database: Database) -> None:
    access = Access(kernel_database)
    made = await access.create("kitchen tablet", "viewer")
    principal = access.verify(made.secret.reveal().encode())
    assert principal is not None
    assert (principal.name, principal.role) == ("kitchen tablet", "viewer")


async def test_a_token_is_256_bits_and_recognisable(kernel_database: Database) -> None:
    access = Access(kernel_database)
    secrets = {(await access.create(f"t{n}", "viewer")).secret.reveal() for n in range(5)}
    assert len(secrets) == 5
    assert all(secret.startswith("hw_") and len(secret) == 46 for secret in secrets)


async def test_the_database_never_holds_the_token(kernel_database: Database) -> None:
    made = await Access(kernel_database).create("a", "admin")
    rows = await kernel_database.read(lambda tx: [tuple(row) for row in tx.execute(select(tokens))])
    assert made.secret.reveal() not in repr(rows)
    assert made.secret.reveal()[3:] not in repr(rows)


async def test_a_wrong_token_opens_nothing(kernel_database: Database) -> None:
    access = Access(kernel_database)
    secret = (await access.create("a", "admin")).secret.reveal()
    for wrong in ("", "hw_", secret[:-1], secret + "A", secret.swapcase(), "hw_" + "A" * 43):
        assert access.verify(wrong.encode()) is None


async def test_a_revoked_token_stops_at_once_here(kernel_database: Database) -> None:
    access = Access(kernel_database)
    secret = (await access.create("a", "admin")).secret.reveal().encode()
    revoked = await access.revoke("a")
    assert revoked.revoked_at is not None
    assert access.verify(secret) is None
    assert (await access.revoke("a")).revoked_at == revoked.revoked_at


async def test_revoking_by_name_stops_the_live_token_of_that_name(kernel_database: Database) -> None:
    access = Access(kernel_database, Clock())
    for role in ("viewer", "operator", "admin"):
        secret = (await access.create("a", role)).secret.reveal().encode()  # type: ignore[arg-type]
        await access.revoke("a")
        assert access.verify(secret) is None


async def test_revoking_what_is_not_there_says_so(kernel_database: Database) -> None:
    with pytest.raises(NotFound, match="no token 'ghost'"):
        await Access(kernel_database).revoke("ghost")


async def test_a_token_revoked_by_another_process_stops_within_seconds(
    kernel_database: Database, databases: Databases
) -> None:
    access = Access(kernel_database)
    secret = (await access.create("a", "admin")).secret.reveal().encode()
    refreshing = asyncio.create_task(access.run())
    script = (
        "import asyncio,sys\n"
        "from kernel.data import Database\n"
        "from kernel.runtime.access import Access\n"
        "async def main():\n"
        "    database = await Database.open('kernel', sys.argv[1])\n"
        "    await Access(database).revoke('a')\n"
        "    await database.close()\n"
        "asyncio.run(main())"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script, databases.url], check=True)
    async with asyncio.timeout(REFRESH_SECONDS + 1.0):
        while access.verify(secret) is not None:
            await asyncio.sleep(0.05)
    refreshing.cancel()


async def test_an_expired_token_stops_by_itself(kernel_database: Database) -> None:
    clock = Clock()
    access = Access(kernel_database, clock)
    secret = (await access.create("a", "viewer", clock.now + timedelta(hours=1))).secret.reveal().encode()
    assert access.verify(secret) is not None
    clock.now += timedelta(hours=1)
    assert access.verify(secret) is None


async def test_a_name_is_free_again_when_its_token_is_revoked_or_expired(kernel_database: Database) -> None:
    clock = Clock()
    access = Access(kernel_database, clock)
    await access.create("a", "viewer")
    with pytest.raises(Conflict, match="'a'"):
        await access.create("a", "admin")
    clock.now += timedelta(seconds=1)
    await access.revoke("a")
    await access.create("a", "admin", clock.now + timedelta(seconds=1))
    clock.now += timedelta(seconds=1)
    await access.create("a", "operator")
    assert [token.role for token in await access.tokens()] == ["viewer", "admin", "operator"]


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb", "a\n", "<script>", " a"])
async def test_a_name_that_would_confuse_a_log_is_refused(kernel_database: Database, name: str) -> None:
    with pytest.raises(Invalid):
        await Access(kernel_database).create(name, "viewer")


async def test_a_token_that_has_expired_already_is_not_made(kernel_database: Database) -> None:
    with pytest.raises(Invalid, match="expires_at"):
        await Access(kernel_database).create("a", "viewer", datetime(2020, 1, 1, tzinfo=UTC))


async def test_its_last_use_is_noted(kernel_database: Database) -> None:
    clock = Clock()
    access = Access(kernel_database, clock)
    secret = (await access.create("a", "viewer")).secret.reveal().encode()
    access.verify(secret)
    clock.now += timedelta(seconds=61)
    await access.refresh()
    (token,) = await access.tokens()
    assert token.last_used_at == clock.now - timedelta(seconds=61)


async def test_known_tokens_go_on_when_the_table_cannot_be_read_and_health_says_so(databases: Databases) -> None:
    from kernel.runtime.tables import metadata

    async with databases.migrated("kernel", metadata) as database:
        access = Access(database)
        secret = (await access.create("a", "viewer")).secret.reveal().encode()
        assert await access.check() is None
    access._read_at -= 60
    assert "revoked token may still work" in str(await access.check())
    assert access.verify(secret) is not None


def test_roles_hold_the_rights_of_those_before() -> None:
    order = ("viewer", "operator", "admin")
    for have, role in enumerate(order):
        assert [allows(role, needed) for needed in order] == [have >= need for need in range(3)]
