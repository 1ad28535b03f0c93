"""Sunrise and sunset of local dates, as Home Assistant computes them: astral, at the coordinates, at sea level."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from astral import Observer
from astral.sun import sunrise, sunset
from numpy.typing import NDArray

from modules.patterns.errors import NotReplayable
from modules.patterns.internal.domain.clock import EPOCH
from modules.patterns.internal.domain.log import Log, Times
from modules.patterns.types.rule import SunEvent

NO_EVENT = np.iinfo(np.int64).min
"""In polar summer and winter the sun neither rises nor sets."""


def sun_times(log: Log, event: SunEvent, days: NDArray[np.int64]) -> Times:
    """int64 UTC milliseconds of the event of each date (days since 1 January 1970), NO_EVENT where there is none.

    Raises NotReplayable if the home's coordinates are not known.
    """
    if log.latitude is None or log.longitude is None:
        raise NotReplayable(part=event, reason="it needs the home's latitude and longitude: import with coordinates")
    place = (log.latitude, log.longitude)
    return np.array([_moment(*place, event, int(day)) for day in days], dtype=np.int64)


@lru_cache(maxsize=20_000)
def _moment(latitude: float, longitude: float, event: SunEvent, day: int) -> int:
    find = sunrise if event == "sunrise" else sunset
    try:
        at = find(Observer(latitude, longitude), date(1970, 1, 1) + timedelta(days=day))
    except ValueError:
        return NO_EVENT
    return (at - EPOCH) // timedelta(milliseconds=1)
