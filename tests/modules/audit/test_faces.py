"""The trail on the command line and over REST."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import httpx
import pytest
from sqlalchemy import text

from kernel.data import Database, migrate
from kernel.facade.context import Principal
from kernel.facade.event import Envelope
from kernel.facade.meter import Meter
from kernel.runtime.gateway import build_app
from kernel.runtime.health import Health
from kernel.runtime.limits import Limits
from kernel.runtime.observe.metrics import Metrics
from kernel.runtime.settings.tree import LimitSettings
from kernel.runtime.terminal import Session, invoke
from kernel.runtime.wiring import Ports
from kernel.testing.databases import Databases
from modules.audit import Trail
from modules.audit.commands import commands
from modules.audit.internal.checkpoints import Checkpoints
from modules.audit.internal.service import TrailService
from modules.audit.internal.tables import metadata
from modules.audit.routes import routes

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def envelope(number: int) -> Envelope:
    return Envelope(
        id=f"e{number}",
        topic="patterns.HabitsFound",
        key="k",
        occurred_at=NOON + timedelta(hours=number),
        actor="alice",
        payload=json.dumps({"number": number}),
    )


class House:
    """A trail of five records, opened anew for each visit."""

    def __init__(self, url: str, folder: Path) -> None:
        migrate.upgrade("audit", url, metadata)
        self._url = url
        self._folder = folder

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Ports]:
        database = await Database.open("audit", self._url)
        checkpoints = Checkpoints(self._folder / "checkpoints.ndjson")
        with ThreadPoolExecutor(1) as heavy:
            trail = TrailService(database, checkpoints, heavy, lambda: datetime.now(UTC))
            await trail.start()
            if not (await trail.verify()).records:
                for number in range(1, 6):
                    await trail.record(envelope(number))
            yield Ports(lambda protocol, caller: {Trail: trail}[protocol], "test")  # type: ignore[type-abstract]
        await database.close()

    async def tamper(self) -> None:
        database = await Database.open("audit", self._url)
        drop = "DROP TRIGGER records_never_change" + ("" if database.dialect == "sqlite" else " ON records")
        for statement in (drop, "UPDATE records SET actor = 'mallory' WHERE sequence = 3"):
            await database.write(lambda tx, statement=statement: tx.execute(text(statement)))  # type: ignore[misc]
        await database.close()

    def type(self, *argv: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        cli = click.Group("homewright", commands={command.name or "": command for command in commands()})
        return (
            invoke(cli, argv, lambda terminal: Session(terminal, self.open), out, err),
            out.getvalue(),
            err.getvalue(),
        )

    @asynccontextmanager
    async def rest(self, role: str) -> AsyncIterator[httpx.AsyncClient]:
        async with self.open() as ports:
            app = build_app(
                routes(ports),
                version="0",
                access=Known(),
                limits=Limits(LimitSettings()),
                health=Health({}),
                metrics=Metrics(Meter()),
                body_bytes=10_000,
            )
            transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
            headers = {"authorization": f"Bearer hw_{role}"}
            async with httpx.AsyncClient(transport=transport, base_url="http://house", headers=headers) as client:
                yield client


class Known:
    """Two people at the door."""

    def verify(self, secret: bytes) -> Principal | None:
        role: Any = {b"hw_viewer": "viewer", b"hw_operator": "operator"}.get(secret)
        return Principal(name="p", role=role) if role else None

    async def verify_anew(self, secret: bytes) -> Principal | None:
        return None


@pytest.fixture
def house(databases: Databases, tmp_path: Path) -> House:
    return House(databases.url, tmp_path)


def test_verify_says_intact_and_gives_the_head_to_keep(house: House) -> None:
    house.type("audit", "search")
    code, out, _ = house.type("audit", "verify")
    assert code == 0
    assert out.startswith("Intact: 5 records, 2 checkpoints agree.\nHead: ")
    verdict = json.loads(house.type("audit", "verify", "--json")[1])
    assert verdict["head"] in out


def test_search_shows_what_was_asked_for(house: House) -> None:
    out = house.type("audit", "search", "--since", "2026-11-20T16:00:00+01:00", "--topic", "patterns.*")[1]
    assert [number for number in range(1, 6) if f'{{"number": {number}}}' in out] == [3, 4, 5]
    assert "No record matches." in house.type("audit", "search", "--actor", "bob")[1]
    code, _, err = house.type("audit", "search", "--since", "yesterday")
    assert (code, "--since: a time like" in err) == (1, True)


def test_export_writes_a_file_with_one_record_per_line(house: House, tmp_path: Path) -> None:
    file = tmp_path / "trail.ndjson"
    assert house.type("audit", "export", "--out", str(file))[0] == 0
    assert [json.loads(line)["sequence"] for line in file.read_text("utf-8").splitlines()] == [1, 2, 3, 4, 5]


async def test_rest_searches_exports_and_verifies(house: House) -> None:
    async with house.rest("operator") as client:
        found = (await client.get("/api/v1/audit/records?after_sequence=1&limit=2")).json()
        assert [record["sequence"] for record in found] == [2, 3]
        since = await client.get("/api/v1/audit/records", params={"since": "2026-11-20T16:00:00Z"})
        assert [record["sequence"] for record in since.json()] == [4, 5]
        export = await client.get("/api/v1/audit/export")
        assert export.headers["content-type"].startswith("application/x-ndjson")
        assert [json.loads(line)["sequence"] for line in export.text.splitlines()] == [1, 2, 3, 4, 5]
        verdict = await client.get("/api/v1/audit/verification")
        assert (verdict.status_code, verdict.json()["intact"]) == (200, True)
        for query in ("limit=0", "since=yesterday", "since=2026-11-20T16:00:00"):
            assert (await client.get(f"/api/v1/audit/records?{query}")).status_code == 422


async def test_viewers_read_but_do_not_verify(house: House) -> None:
    async with house.rest("viewer") as client:
        assert (await client.get("/api/v1/audit/records")).status_code == 200
        assert (await client.get("/api/v1/audit/verification")).status_code == 403


async def test_a_broken_trail_is_no_success_over_rest(house: House) -> None:
    async with house.rest("operator") as client:
        await house.tamper()
        verdict = await client.get("/api/v1/audit/verification")
        assert (verdict.status_code, verdict.json()["first_bad"]["sequence"]) == (409, 3)


def test_a_broken_trail_is_exit_code_one_and_a_sentence(house: House) -> None:
    import asyncio

    house.type("audit", "verify")
    asyncio.run(house.tamper())
    code, out, _ = house.type("audit", "verify")
    assert code == 1
    assert out == (
        "BROKEN at record 3: changed: a column for searching does not say what its envelope says. "
        "The 2 records before it are sound.\n"
    )
