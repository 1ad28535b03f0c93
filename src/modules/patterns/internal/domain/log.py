"""The history as the miners and the replay see it: columns, in the order of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

UNKNOWN: Final = 0
MANUAL: Final = 1
AUTOMATION: Final = 2

Times = NDArray[np.int64]
Codes = NDArray[np.int32]


@dataclass(frozen=True)
class Log:
    """N changes, sorted by (time, entity); equal (time, entity, state) only once.

    `times`: int64[N], milliseconds since 1970 UTC. `entities`, `states`: int32[N], indices into `entity_ids` and
    `state_names`. `origins`: uint8[N] of UNKNOWN, MANUAL, AUTOMATION. `zone`: where the home's clock hangs.
    `latitude` and `longitude` are degrees or None. Arrays may be memory maps: never write to them.
    """

    times: Times
    entities: Codes
    states: Codes
    origins: NDArray[np.uint8]
    entity_ids: tuple[str, ...]
    state_names: tuple[str, ...]
    zone: ZoneInfo
    latitude: float | None = None
    longitude: float | None = None

    def __len__(self) -> int:
        return len(self.times)

    def between(self, start_ms: int, end_ms: int) -> Log:
        """The changes with start_ms <= time < end_ms, as views."""
        low, high = np.searchsorted(self.times, (start_ms, end_ms))
        return Log(
            times=self.times[low:high],
            entities=self.entities[low:high],
            states=self.states[low:high],
            origins=self.origins[low:high],
            entity_ids=self.entity_ids,
            state_names=self.state_names,
            zone=self.zone,
            latitude=self.latitude,
            longitude=self.longitude,
        )
