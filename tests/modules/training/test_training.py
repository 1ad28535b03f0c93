"""The facade `Training` and its job: what is written, told, refused and cleared away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kernel.data import Database
from kernel.data.dispatch import Dispatcher
from kernel.data.jobs import Jobs
from kernel.errors import Conflict, Invalid
from kernel.facade import Principal, calling
from kernel.facade.job import JobStatus
from kernel.testing.databases import Databases
from modules.training.errors import UnknownSimulation, UnusableFolder
from modules.training.internal.service import TrainingService
from modules.training.internal.simulating import MOST_KEPT, Simulator
from modules.training.internal.store import KIND
from modules.training.internal.tables import metadata
from modules.training.types import Simulated, SimulationRequest


@dataclass
class Room:
    training: TrainingService
    jobs: Jobs
    database: Database
    folder: Path

    async def done(self, request: SimulationRequest) -> Simulated:
        status = await self.training.simulate(request)
        await self.jobs.drain()
        simulation = await self.training.simulation(status.id)
        assert simulation.job.state == "done", simulation.job
        assert simulation.simulated is not None
        return simulation.simulated


@pytest.fixture
async def room(databases: Databases, tmp_path: Path) -> AsyncIterator[Room]:
    async with databases.migrated("training", metadata) as database:
        jobs = Jobs(database)
        with ThreadPoolExecutor(1) as heavy:
            jobs.handle(KIND, Simulator(database, tmp_path / "own", heavy))
            yield Room(TrainingService(database, jobs, heavy), jobs, database, tmp_path / "own")


def _read(done: Simulated) -> tuple[list[str], dict[str, Any]]:
    """The lines of the history, and the truth."""
    lines = Path(done.history).read_text(encoding="utf-8").splitlines()
    return lines, json.loads(Path(done.truth).read_text(encoding="utf-8"))


def _put(place: Path) -> None:
    """A file where a folder was, or where there was nothing."""
    if place.is_dir():
        place.rmdir()
    place.write_text("", encoding="utf-8")


def _made(homes: Path, count: int) -> None:
    for number in range(count):
        (homes / f"old-{number}").mkdir(parents=True)


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def request(**asked: object) -> SimulationRequest:
    return SimulationRequest(**{"weeks": 1, "first_day": "2026-01-05", **asked})  # type: ignore[arg-type]


async def test_a_simulation_writes_history_and_truth_where_it_was_told(room: Room, tmp_path: Path) -> None:
    done = await room.done(request(seed=3, home_type="family", folder=str(tmp_path / "here")))
    assert done.history == str(tmp_path / "here" / "history.csv")
    rows, truth = _read(done)
    assert rows[0] == "time_local,entity_id,state,origin"
    assert len(rows) - 1 == done.changes
    assert (truth["seed"], truth["weeks"], truth["home_type"]) == (3, 1, "family") == (done.seed, 1, done.home_type)
    assert len(truth["habits"]) == done.habits > 5
    assert (done.zone, done.start.isoformat()) == ("America/New_York", "2026-01-05T05:00:00+00:00")


async def test_its_end_is_told_once_with_what_was_made(room: Room) -> None:
    done = await room.done(request(null=True))
    told = await Dispatcher(room.database, ()).parked()
    assert [event.topic for event in told] == ["training.HomeSimulated"]
    assert done.habits == 0
    assert done.null


async def test_an_unnamed_folder_is_one_of_the_house_and_the_oldest_make_room(room: Room) -> None:
    homes = room.folder / "homes"
    _made(homes, MOST_KEPT + 3)
    done = await room.done(request())
    assert Path(done.history).parent.parent == homes
    assert _read(done)
    assert len(_inside(homes)) == MOST_KEPT


@pytest.mark.parametrize("day", ["2026-01-06", "2026-02-30", "1812-06-22"])
async def test_weeks_begin_on_a_monday_that_exists(room: Room, day: str) -> None:
    with pytest.raises(Invalid, match="a Monday"):
        await room.training.simulate(request(first_day=day))


async def test_a_folder_that_cannot_be_is_refused_at_once(room: Room, tmp_path: Path) -> None:
    _put(tmp_path / "file")
    for folder in ("not/absolute", str(tmp_path / "file" / "below")):
        with pytest.raises(UnusableFolder):
            await room.training.simulate(request(folder=folder))


async def test_a_folder_that_became_unusable_fails_the_job_with_a_sentence(room: Room, tmp_path: Path) -> None:
    status = await room.training.simulate(request(folder=str(tmp_path / "gone")))
    _put(tmp_path / "gone")
    await room.jobs.drain()
    failed = (await room.training.simulation(status.id)).job
    assert failed.state == "failed"
    assert "cannot hold a simulated home" in (failed.problem or "")


async def test_a_cancelled_simulation_leaves_no_file(room: Room, tmp_path: Path) -> None:
    status = await room.training.simulate(request(weeks=260, folder=str(tmp_path / "long")))
    running = asyncio.create_task(room.jobs.drain())
    while (await room.training.simulation(status.id)).job.done == 0:
        await asyncio.sleep(0.02)
    await room.training.cancel_simulation(status.id)
    await running
    assert (await room.training.simulation(status.id)).job.state == "cancelled"
    assert not _inside(tmp_path / "long")


async def test_nobody_knows_a_simulation_that_never_was(room: Room) -> None:
    for ask in (room.training.simulation, room.training.cancel_simulation):
        with pytest.raises(UnknownSimulation, match="no simulation 'x'"):
            await ask("x")


async def test_the_same_key_is_one_simulation(room: Room) -> None:
    async def ask(**asked: object) -> JobStatus:
        with calling(caller="test", principal=Principal(name="vera", role="admin"), received="k1"):
            return await room.training.simulate(request(**asked))

    assert (await ask()).id == (await ask()).id
    with pytest.raises(Conflict):
        await ask(seed=9)
