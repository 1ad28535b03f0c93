"""Simulated homes over REST. No path is ever taken from a request: files lie in the module's own folder."""

from __future__ import annotations

from typing import Any

from litestar import Request, delete, get, post
from litestar.params import FromPath, JSONBody

from kernel.errors import Invalid
from kernel.facade.codec import decode
from kernel.facade.job import JobStatus
from kernel.runtime.access import guard
from kernel.runtime.wiring import Ports
from modules.training.facade import Training
from modules.training.types import Simulation, SimulationRequest

AnyRequest = Request[Any, Any, Any]
_PATH = "/api/v1/training/simulations"


def routes(ports: Ports) -> list[Any]:
    training = ports.of(Training)

    @post(
        _PATH,
        guards=[guard("operator")],
        summary="Simulate a home with known habits; `folder` must be left out",
        tags=["training"],
        status_code=202,
    )
    async def simulate(request: AnyRequest, data: JSONBody[SimulationRequest]) -> JobStatus:
        asked: SimulationRequest = decode(await request.body(), SimulationRequest)
        if asked.folder is not None:
            raise Invalid(where="folder", expected="nothing: over REST the house chooses the folder")
        return await training.simulate(asked)

    @get(_PATH + "/{job_id:str}", guards=[guard("viewer")], summary="A simulation", tags=["training"])
    async def simulation(job_id: FromPath[str]) -> Simulation:
        return await training.simulation(job_id)

    @delete(
        _PATH + "/{job_id:str}",
        guards=[guard("operator")],
        summary="Stop a simulation",
        tags=["training"],
        status_code=200,
    )
    async def cancel(job_id: FromPath[str]) -> JobStatus:
        return await training.cancel_simulation(job_id)

    return [simulate, simulation, cancel]
