"""Simulated homes: what is asked for, and what was written."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from kernel.facade import Count, Instant, Value
from kernel.facade.job import JobStatus

HomeType = Literal[
    "single_commuter",
    "couple",
    "family",
    "shift_worker",
    "retired_couple",
    "shared_flat",
    "home_office",
    "holiday_heavy",
]


class SimulationRequest(Value, frozen=True, kw_only=True):
    """A home of one type, lived for some weeks. The same request writes the same bytes."""

    seed: Annotated[int, Meta(ge=0, le=2**53)] = 7
    weeks: Annotated[int, Meta(ge=1, le=260)] = 12
    home_type: HomeType = "couple"
    null: bool = False
    """The same home with its habits taken out: a miner should find none."""
    first_day: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$(?!\n)")] | None = None
    """A Monday of 1970 to 2099, like 2026-01-05; None: the seed chooses one of 2025 or early 2026."""
    packed: bool = False
    """Write the history as .csv.xz."""
    folder: Annotated[str, Meta(min_length=1, max_length=4096)] | None = None
    """Where to write: an absolute path of the process that simulates. None: a folder of the module's own."""


class Simulated(Value, frozen=True, kw_only=True):
    """What was written: `history` (time_local, entity_id, state, origin) and `truth` (JSON) are paths."""

    history: str
    truth: str
    seed: int
    weeks: Count
    home_type: HomeType
    null: bool
    zone: str
    latitude: float
    longitude: float
    start: Instant
    """The first local midnight."""
    end: Instant
    """The local midnight after the last day."""
    changes: Count
    entities: Count
    habits: Count
    """How many were planted and had a chance; 0 in a null home."""


class Simulation(Value, frozen=True, kw_only=True):
    """The job and, when it is done, what it wrote."""

    job: JobStatus
    simulated: Simulated | None = None
