"""What the house is measured with: homes whose habits are known."""

from __future__ import annotations

from typing import ClassVar, Protocol

from kernel.facade import Raises, checked, read, write
from kernel.facade.job import JobStatus
from modules.training.errors import UnknownSimulation, UnusableFolder
from modules.training.types import Simulation, SimulationRequest


class Training(Protocol):
    """Simulates households. Knows nothing of what will be asked about them."""

    raises: ClassVar[Raises] = (UnknownSimulation, UnusableFolder)

    @write(idempotent=True)
    async def simulate(self, request: SimulationRequest) -> JobStatus:
        """Start a simulation, about a second for twelve weeks; ask `simulation` how it goes.

        Raises UnusableFolder if `request.folder` is not absolute or cannot be made, Invalid if `first_day` is no
        Monday, and Busy when too many wait.
        """

    @read
    async def simulation(self, job_id: str) -> Simulation:
        """The job and, when it is done, what it wrote. Raises UnknownSimulation."""

    @write(idempotent=True)
    async def cancel_simulation(self, job_id: str) -> JobStatus:
        """Stop a simulation that has not ended; it leaves no file that is not whole. Raises UnknownSimulation."""


FACADES = checked("training", Training)
