"""The house: who runs here, who is refused, what is kept going."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from homewright.cli import run
from homewright.house import House, modules_of, open_house
from homewright.server import serve_house
from homewright.works import Works
from kernel.errors import Busy, Invalid, NotConfigured, NotFound, Unauthorized
from kernel.facade import Value
from kernel.runtime.settings import Settings, load
from modules.audit import Trail
from modules.audit.types import TrailQuestion
from modules.automation import Suggestions
from modules.patterns import History
from modules.patterns.types import HistoryBatch, StateChange


async def test_runs_every_module_and_sends_calls_here(house: House) -> None:
    rows = modules_of(house)
    assert [row["module"] for row in rows] == ["audit", "patterns", "training", "automation"]
    assert all(row["here"] for row in rows)
    assert {facade["state"] for row in rows for facade in row["facades"]} == {"local"}


async def test_a_module_that_does_not_run_here_says_how_to_get_it(settings: Settings) -> None:
    async with open_house(settings, only=("audit",)) as house:
        with pytest.raises(NotConfigured, match="homewright switch patterns/History remote --peer URL"):
            await house.port(History).summary()
        assert (await house.port(Trail).verify()).intact


async def test_an_unknown_module_is_refused_by_name(settings: Settings) -> None:
    with pytest.raises(Invalid, match="one of audit, patterns, training, automation, not 'kitchen'"):
        async with open_house(settings, only=("kitchen",)):
            pass


async def test_what_is_no_facade_has_no_port(house: House) -> None:
    with pytest.raises(NotFound, match="facade 'House'"):
        house.port(House)


async def test_events_cross_from_one_module_to_the_trail(house: House) -> None:
    change = StateChange(at=datetime(2026, 1, 1, tzinfo=UTC), entity_id="light.hall", state="on")
    await house.port(History).import_history(HistoryBatch(changes=(change,)))
    await house.settle()
    found = await house.port(Trail).search(TrailQuestion(topic="patterns.*"))
    assert [one.envelope.topic for one in found] == ["patterns.HistoryImported"]


async def test_two_houses_on_one_folder_see_each_others_work(settings: Settings) -> None:
    async with open_house(settings) as one, open_house(settings) as other:
        change = StateChange(at=datetime(2026, 1, 1, tzinfo=UTC), entity_id="light.hall", state="on")
        await one.port(History).import_history(HistoryBatch(changes=(change,)))
        assert (await other.port(History).summary()).changes == 1


async def test_peers_of_the_settings_are_where_calls_go_from_the_start(tmp_path: Path) -> None:
    env = {"HOMEWRIGHT_DATA_DIR": str(tmp_path), "HOMEWRIGHT_PEERS_URLS": "patterns=http://127.0.0.1:9/"}
    async with open_house(load(env), only=("audit", "automation")) as house:
        patterns = next(row for row in modules_of(house) if row["module"] == "patterns")
        assert {(one["state"], one["peer_url"]) for one in patterns["facades"]} == {("remote", "http://127.0.0.1:9")}


class Nothing(Value, frozen=True, kw_only=True):
    """A payload that says nothing."""


async def test_the_queue_is_as_long_as_set(tmp_path: Path) -> None:
    env = {"HOMEWRIGHT_DATA_DIR": str(tmp_path), "HOMEWRIGHT_JOBS_QUEUE": "2"}
    async with open_house(load(env)) as house:
        for _ in range(2):
            await house.jobs.put("plugin.test.wait", Nothing())
        with pytest.raises(Busy, match="2 jobs of kernel wait already"):
            await house.jobs.put("plugin.test.wait", Nothing())


async def test_heavy_work_has_as_many_threads_as_set(tmp_path: Path) -> None:
    async with open_house(load({"HOMEWRIGHT_DATA_DIR": str(tmp_path), "HOMEWRIGHT_JOBS_THREADS": "3"})) as house:
        assert house.heavy_threads == 3


async def test_a_work_that_ends_by_a_mistake_is_begun_anew() -> None:
    lives = 0

    async def fails_once() -> None:
        nonlocal lives
        lives += 1
        if lives == 1:
            raise RuntimeError("a mistake of ours")
        await asyncio.Event().wait()

    async with Works({"it": fails_once}, first_pause_seconds=0.01) as works:
        async with asyncio.timeout(5):
            while lives < 2:
                await asyncio.sleep(0.01)
        assert works.restarts == {"it": 1}
        task = works.task("it")
        assert task is not None
        assert not task.done()


@pytest.fixture
async def working(house: House) -> AsyncIterator[House]:
    async with house.working():
        yield house


async def test_a_flip_by_another_process_is_followed(working: House, settings: Settings) -> None:
    async with open_house(settings) as other:
        path = "automation/Suggestions"
        await other.switch(path).flip("local", by="test", reason="seen by the other")
        async with asyncio.timeout(10):
            while not working.switch(path).records():
                await asyncio.sleep(0.05)
        assert working.switch(path).records()[0].reason == "seen by the other"
        assert (await working.port(Suggestions).refresh()).added == 0


async def test_a_peer_that_wants_a_token_says_what_to_set(tmp_path: Path) -> None:
    other = load({"HOMEWRIGHT_DATA_DIR": str(tmp_path / "other"), "HOMEWRIGHT_SERVER_PORT": "0"})
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve_house(other, ("patterns",), told.set_result))
    try:
        url = await asyncio.wait_for(told, 20)
        async with open_house(load({"HOMEWRIGHT_DATA_DIR": str(tmp_path / "one")})) as house:
            with pytest.raises(Unauthorized, match=r"set peers\.token \(HOMEWRIGHT_PEERS_TOKEN\)"):
                await house.switch("patterns/History").flip("remote", peer_url=url, by="eva", reason="a try")
        env = {"HOMEWRIGHT_DATA_DIR": str(tmp_path / "two"), "HOMEWRIGHT_PEERS_URLS": f"patterns={url}"}
        async with open_house(load(env), ("audit",)) as house:
            with pytest.raises(Unauthorized, match=r"set peers\.token \(HOMEWRIGHT_PEERS_TOKEN\)"):
                await house.port(History).summary()
    finally:
        signal.raise_signal(signal.SIGTERM)
        await serving


@pytest.mark.parametrize(
    ("host", "port", "shown"),
    [
        ("127.0.0.1", "8123", "http://127.0.0.1:8123/"),
        ("0.0.0.0", "8010", "http://127.0.0.1:8010/"),
        ("::1", "8010", "http://[::1]:8010/"),
        ("127.0.0.1", "0", "http://127.0.0.1:<port>/"),
    ],
)
def test_a_new_token_is_shown_with_the_address_that_is_set(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    host: str,
    port: str,
    shown: str,
) -> None:
    monkeypatch.setenv("HOMEWRIGHT_SERVER_HOST", host)
    monkeypatch.setenv("HOMEWRIGHT_SERVER_PORT", port)
    assert run(["--data-dir", str(tmp_path), "token", "create", "me"]) == 0
    assert shown in capsys.readouterr().err
