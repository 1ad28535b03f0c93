"""Behind the facade `Training`: starts simulations and tells how they go."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from pathlib import Path

from kernel.data import Database
from kernel.data.jobs import Jobs
from kernel.data.once import once
from kernel.errors import Invalid
from kernel.facade.job import JobStatus
from modules.training.errors import UnknownSimulation, UnusableFolder
from modules.training.facade import Training
from modules.training.internal import store
from modules.training.internal.simulating import order_of
from modules.training.types import Simulation, SimulationRequest


class TrainingService(Training):
    """Simulations are jobs of the kind `training.simulate`."""

    def __init__(self, database: Database, jobs: Jobs, heavy: Executor) -> None:
        self._database = database
        self._jobs = jobs
        self._heavy = heavy

    async def simulate(self, request: SimulationRequest) -> JobStatus:
        _check_day(request)
        if request.folder is not None:
            await asyncio.get_running_loop().run_in_executor(self._heavy, _check_folder, request.folder)
        return await once(
            self._database,
            "Training.simulate",
            request,
            JobStatus,
            lambda tx: self._jobs.enqueue(tx, store.KIND, request),
        )

    async def simulation(self, job_id: str) -> Simulation:
        status = await self._known(job_id)
        return Simulation(job=status, simulated=await self._database.read(lambda tx: store.simulated_by(tx, job_id)))

    async def cancel_simulation(self, job_id: str) -> JobStatus:
        await self._known(job_id)
        return await self._jobs.cancel(job_id)

    async def _known(self, job_id: str) -> JobStatus:
        status = await self._jobs.status(job_id)
        if status is None or status.kind != store.KIND:
            raise UnknownSimulation(job_id=job_id)
        return status


def _check_day(request: SimulationRequest) -> None:
    """Weeks begin on Mondays, and the zone data knows the years around now only."""
    expected = "a Monday of 1970 to 2099, like 2026-01-05"
    try:
        first = order_of(request).first
    except ValueError:
        raise Invalid(where="first_day", expected=f"{expected}, not {request.first_day}") from None
    if first is not None and (first.weekday() != 0 or not 1970 <= first.year <= 2099):
        raise Invalid(where="first_day", expected=f"{expected}, not {first:%A, %Y-%m-%d}")


def _check_folder(folder: str) -> None:
    path = Path(folder)
    if not path.is_absolute():
        raise UnusableFolder(path=folder, reason="it is not an absolute path")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise UnusableFolder(path=folder, reason=problem.strerror or str(problem)) from None
