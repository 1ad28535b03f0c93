"""The simulation job: the home is lived through in a thread, the job tells how far it is.

    living -> writing -> storing (with the job's own end, in one transaction)

It takes a second per quarter of a year and keeps no checkpoint: a killed one begins anew, and writes the same bytes.
"""

from __future__ import annotations

import asyncio
import shutil
from concurrent.futures import Executor
from datetime import UTC, date
from pathlib import Path
from typing import Final

from kernel.data import Database, Tx
from kernel.data.jobs import Job
from modules.training.errors import UnusableFolder
from modules.training.internal import store
from modules.training.internal.simulation.home import Order
from modules.training.internal.simulation.writing import SimulatedHome, simulate_home
from modules.training.types import Simulated, SimulationRequest

MOST_KEPT: Final = 20
"""Homes in the module's own folder: the oldest make room. Those in a folder that somebody named stay."""
_TELL_SECONDS: Final = 0.1


class _GivenUp(Exception):
    """Ends the thread of a simulation that nobody waits for any more."""


class _Progress:
    """How far the thread is, for the event loop to read; and the word to stop, for the thread to hear."""

    def __init__(self) -> None:
        self.now = ("living", 0, 1)
        self.given_up = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self.given_up:
            raise _GivenUp
        self.now = (stage, done, total)


class Simulator:
    """Handles jobs of the kind `training.simulate`."""

    def __init__(self, database: Database, folder: Path, heavy: Executor) -> None:
        self._database = database
        self._homes = folder / "homes"
        self._heavy = heavy

    async def __call__(self, job: Job) -> None:
        await job.advance("living", 0, 1)
        simulated = await self._simulated(job)
        await self._database.write(lambda tx: _keep(tx, job, simulated))

    async def _simulated(self, job: Job) -> Simulated:
        """In a thread. When the job is cancelled or the process stops, the thread ends at its next step."""
        progress, request = _Progress(), job.payload(SimulationRequest)
        work = asyncio.get_running_loop().run_in_executor(self._heavy, self._write, job.id, request, progress)
        try:
            while not (await asyncio.wait((work,), timeout=_TELL_SECONDS))[0]:
                await job.advance(*progress.now)
            return work.result()
        finally:
            progress.given_up = True
            await asyncio.wait((work,))
            if not work.cancelled():
                work.exception()

    def _write(self, job_id: str, request: SimulationRequest, progress: _Progress) -> Simulated:
        folder = Path(request.folder) if request.folder else self._room(job_id)
        try:
            return _told(request, simulate_home(folder, order_of(request), request.packed, progress))
        except OSError as problem:
            raise UnusableFolder(path=str(folder), reason=problem.strerror or str(problem)) from None

    def _room(self, job_id: str) -> Path:
        self._homes.mkdir(parents=True, exist_ok=True)
        homes = sorted(self._homes.iterdir(), key=lambda home: home.stat().st_mtime)
        for old in homes[: max(len(homes) - MOST_KEPT + 1, 0)]:
            shutil.rmtree(old, ignore_errors=True)
        return self._homes / job_id


def order_of(request: SimulationRequest) -> Order:
    """What the simulator is asked for. Raises ValueError if the day does not exist."""
    first = None if request.first_day is None else date.fromisoformat(request.first_day)
    return Order(request.seed, request.weeks, request.home_type, request.null, first)


def _told(request: SimulationRequest, home: SimulatedHome) -> Simulated:
    return Simulated(
        history=str(home.history),
        truth=str(home.truth),
        seed=request.seed,
        weeks=request.weeks,
        home_type=request.home_type,
        null=request.null,
        zone=home.zone,
        latitude=home.latitude,
        longitude=home.longitude,
        start=home.start.astimezone(UTC),
        end=home.end.astimezone(UTC),
        changes=home.rows,
        entities=home.entities,
        habits=home.habits,
    )


def _keep(tx: Tx, job: Job, simulated: Simulated) -> None:
    store.keep(tx, job.id, simulated)
    job.advance_in(tx, "storing", 1, 1)
    job.finish_in(tx)
