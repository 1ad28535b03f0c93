"""The SQL of the simulations, and their event: what is kept and what is told of it is one transaction."""

from __future__ import annotations

from typing import Final

import msgspec
from sqlalchemy import bindparam, insert, select

from kernel.data import Tx
from kernel.data.outbox import emit
from modules.training.events import HomeSimulated
from modules.training.internal.tables import simulations
from modules.training.types import Simulated

KIND: Final = "training.simulate"
"""The kind of the job."""

_one = select(simulations.c.simulated).where(simulations.c.job_id == bindparam("job"))


def keep(tx: Tx, job_id: str, simulated: Simulated) -> None:
    """Keep what a simulation wrote, and tell of it."""
    tx.execute(insert(simulations), {"job_id": job_id, "simulated": msgspec.json.encode(simulated).decode()})
    event = HomeSimulated(
        simulation_id=job_id,
        home_type=simulated.home_type,
        seed=simulated.seed,
        weeks=simulated.weeks,
        null=simulated.null,
        changes=simulated.changes,
    )
    emit(tx, event)


def simulated_by(tx: Tx, job_id: str) -> Simulated | None:
    """What a simulation wrote, or None while it has not finished."""
    text = tx.execute(_one, {"job": job_id}).scalar()
    return None if text is None else msgspec.json.decode(text, type=Simulated)
