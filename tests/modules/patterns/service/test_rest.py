"""The module over REST, behind the real gateway."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from tests.kernel.runtime.house import house, visiting
from tests.modules.patterns.mining.homes import lived_in
from tests.modules.patterns.service.conftest import Room

from modules.patterns.routes import routes

CSV = b"time_local,entity_id,state\n2026-01-05 07:00:00,light.hall,off\n2026-01-05 08:00:00,light.hall,on\n"


@pytest.fixture
async def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
async def client(room: Room, spool: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with visiting(house(routes(room.ports, spool), body_bytes=100_000), who="operator") as client:
        yield client


async def test_a_file_is_sent_imported_and_forgotten(client: httpx.AsyncClient, room: Room, spool: Path) -> None:
    sent = await client.post("/api/v1/history/imports?zone=Europe/Berlin", content=CSV)
    assert sent.status_code == 202, sent.text
    await room.jobs.drain()
    status = (await client.get(f"/api/v1/history/imports/{sent.json()['id']}")).json()
    assert (status["job"]["state"], status["report"]["added"]) == ("done", 2)
    assert os.listdir(spool) == []
    summary = (await client.get("/api/v1/history")).json()
    assert summary["changes"] == 2
    assert summary["place"]["zone"] == "Europe/Berlin"


async def test_an_upload_may_be_larger_than_other_bodies(client: httpx.AsyncClient, room: Room) -> None:
    rows = b"".join(
        b"2026-01-%02d 0%d:%02d:00,light.hall,%d\n" % (d, h, m, m)
        for d in range(1, 29)
        for h in range(9)
        for m in range(60)
    )
    sent = await client.post("/api/v1/history/imports?zone=UTC", content=b"time_local,entity_id,state\n" + rows)
    assert sent.status_code == 202, sent.text
    await room.jobs.drain()
    assert (await client.get("/api/v1/history")).json()["changes"] == 28 * 9 * 60


@pytest.mark.parametrize("body", [b"", b"\x00\x01\x02 no history"])
async def test_what_is_no_history_is_refused_and_not_kept(client: httpx.AsyncClient, spool: Path, body: bytes) -> None:
    refused = await client.post("/api/v1/history/imports?zone=UTC", content=body)
    assert refused.status_code == 422
    assert os.listdir(spool) == []


async def test_a_folder_that_cannot_be_written_is_named(room: Room, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    async with visiting(house(routes(room.ports, tmp_path / "taken" / "spool")), who="operator") as client:
        refused = await client.post("/api/v1/history/imports?zone=UTC", content=CSV)
    assert refused.status_code == 503
    assert "taken" in refused.json()["error"]["message"]


async def test_a_bad_query_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/history/imports?zone=UTC&latitude=91", content=CSV)).status_code == 422
    assert (await client.get("/api/v1/history/changes?limit=many")).status_code == 422


async def test_changes_come_back_as_they_were_sent(client: httpx.AsyncClient) -> None:
    change = {"at": "2026-01-05T07:00:00Z", "entity_id": "light.hall", "state": "on", "origin": "manual"}
    added = await client.post("/api/v1/history/changes", json={"changes": [change]})
    assert added.json() == {"added": 1, "duplicates": 0}
    assert (await client.get("/api/v1/history/changes?entity_id=light.hall")).json() == [change]
    assert (await client.get("/api/v1/history/changes?end=2026-01-05T07:00:00Z")).json() == []


async def test_learns_and_shows_the_habits(client: httpx.AsyncClient, room: Room) -> None:
    await room.lives(lived_in())
    job = await client.post("/api/v1/learn", json={"most_suggestions": 1})
    assert job.status_code == 202, job.text
    await room.jobs.drain()
    assert (await client.get(f"/api/v1/learn/{job.json()['id']}")).json()["report"]["kept"] == 1
    (habit,) = (await client.get("/api/v1/habits")).json()["habits"]
    window = {"start": "2026-01-05T00:00:00Z", "end": "2026-03-05T00:00:00Z"}
    card = await client.post("/api/v1/replay", json={"rule": habit["rule"], "window": window})
    assert card.json()["saved"] > 50
    firings = await client.post("/api/v1/replay/firings", json={"rule": habit["rule"], "window": window})
    assert sum(firing["saved"] for firing in firings.json()) == card.json()["saved"]
    home = await client.post("/api/v1/replay/home", json={"rules": [habit["rule"]], "window": window})
    assert home.json() == card.json()


async def test_bodies_are_read_strictly(client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/v1/learn", json={"most_suggestions": "1"})).status_code == 422


async def test_too_short_a_history_says_so(client: httpx.AsyncClient) -> None:
    refused = await client.post("/api/v1/learn", json={})
    assert refused.status_code == 409
    assert refused.json()["error"]["type"] == "patterns.HistoryTooShort"


async def test_viewers_may_look_and_not_touch(room: Room, spool: Path) -> None:
    async with visiting(house(routes(room.ports, spool)), who="viewer") as client:
        assert (await client.get("/api/v1/habits")).status_code == 200
        for path in ("/api/v1/learn", "/api/v1/history/imports", "/api/v1/history/changes"):
            assert (await client.post(path, json={})).status_code == 403


async def test_the_past_answers_questions(client: httpx.AsyncClient) -> None:
    rows = (("07:00", "off"), ("08:00", "on"), ("08:30", "off"), ("20:00", "on"))
    changes = [{"at": f"2026-01-05T{at}:00Z", "entity_id": "light.hall", "state": state} for at, state in rows]
    await client.post("/api/v1/history/changes", json={"changes": changes, "place": {"zone": "Europe/Berlin"}})
    hall = {"entity_id": "light.hall"}
    last = await client.get("/api/v1/history/last", params={**hall, "state": "off"})
    assert last.json()["at"] == "2026-01-05T08:30:00Z"
    assert (await client.get("/api/v1/history/last", params={**hall, "state": "blue"})).json() is None
    window = {"start": "2026-01-05T06:00:00Z", "end": "2026-01-05T12:00:00Z"}
    spent = (await client.get("/api/v1/history/duration", params={**hall, "state": "on", **window})).json()
    assert (spent["seconds"], spent["unknown_seconds"]) == (1800, 3600)
    counts = (await client.get("/api/v1/history/counts", params={**hall, "state": "on", "origin": "unknown"})).json()
    assert (counts["hours"][0][9], counts["hours"][0][21], counts["total"]) == (1, 1, 2)
    stood = (await client.get("/api/v1/history/as-of", params={"at": "2026-01-05T08:10:00Z", **hall})).json()
    assert stood["entities"][0]["state"] == "on"
    ghost = await client.get("/api/v1/history/last", params={"entity_id": "light.ghost"})
    assert (ghost.status_code, ghost.json()["error"]["type"]) == (404, "kernel.NotFound")
    assert (await client.get("/api/v1/history/as-of", params={"at": "yesterday"})).status_code == 422
