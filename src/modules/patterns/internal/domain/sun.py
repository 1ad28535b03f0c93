"""Sunrise and sunset of dates as Home Assistant has them, at the home's coordinates, at sea level.

Home Assistant keeps to astral 2, for which a date's sunrise lies before, and its sunset after, the noon that the sun
makes over the home on that date. Astral 3 gives the ones of the same date in UTC, which in the far east and west are
those of the day before or after: they are moved back.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

import numpy as np
from astral import Observer, SunDirection
from astral.sun import SUN_APPARENT_RADIUS, time_of_transit
from numpy.typing import NDArray

from modules.patterns.errors import NotReplayable
from modules.patterns.internal.domain.clock import EPOCH
from modules.patterns.internal.domain.log import Log, Times
from modules.patterns.types.rule import SunEvent

NO_EVENT = np.iinfo(np.int64).min
"""In polar summer and winter the sun neither rises nor sets."""
DAY: Final = timedelta(days=1)
HORIZON: Final = 90.0 + SUN_APPARENT_RADIUS


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
    on = date(1970, 1, 1) + day * DAY
    hour = (6 if event == "sunrise" else 18) - longitude / 15
    about = EPOCH + day * DAY + timedelta(hours=hour)
    try:
        at = _transit(latitude, longitude, event, on)
        if abs(at - about) > DAY / 2:
            at = _transit(latitude, longitude, event, on + DAY if at < about else on - DAY)
    except ValueError:
        return NO_EVENT
    return (at - EPOCH) // timedelta(milliseconds=1)


def _transit(latitude: float, longitude: float, event: SunEvent, on: date) -> datetime:
    direction = SunDirection.RISING if event == "sunrise" else SunDirection.SETTING
    return time_of_transit(Observer(latitude, longitude), on, HORIZON, direction)
