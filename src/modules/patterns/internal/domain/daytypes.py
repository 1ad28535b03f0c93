"""Which days belong together: the days of the working week, the weekend, all of them.

A local day is the number of days since 1 January 1970 that the home's wall clock shows (see `clock`).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.clock import weekday_of
from modules.patterns.internal.domain.log import Flags
from modules.patterns.types import DayType, Weekday

DAY_TYPES: Final[tuple[DayType, ...]] = ("all", "weekday", "weekend")
WEEKDAYS: Final[tuple[Weekday, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def of_type(days: NDArray[np.int64], day_type: DayType) -> Flags:
    """Which local days are of a type."""
    if day_type == "all":
        return np.ones(len(days), np.bool_)
    weekend = weekday_of(days) >= 5
    return weekend if day_type == "weekend" else ~weekend


def weekdays(day_type: DayType, shift: int = 0) -> tuple[Weekday, ...]:
    """The names of a type's days, `shift` days later; all days: empty, as conditions write it."""
    if day_type == "all":
        return ()
    numbers = range(5, 7) if day_type == "weekend" else range(5)
    return tuple(WEEKDAYS[number] for number in sorted((number + shift) % 7 for number in numbers))
