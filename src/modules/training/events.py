"""What others may hear from `training`."""

from __future__ import annotations

from typing import ClassVar

from kernel.facade import Count
from kernel.facade.event import Event


class TrainingEvent(Event, frozen=True, kw_only=True):
    module: ClassVar[str] = "training"


class HomeSimulated(TrainingEvent, frozen=True, kw_only=True):
    """A simulated home was written."""

    simulation_id: str
    home_type: str
    seed: int
    weeks: Count
    null: bool
    changes: Count

    def key(self) -> str:
        return self.simulation_id
