"""UTC months as numbers: 0 is January 1970. A partition holds one."""

from __future__ import annotations

import numpy as np

from modules.patterns.internal.domain.log import Codes, Times


def months_of(times: Times) -> Codes:
    """The month of each time (ms since 1970)."""
    return times.astype("datetime64[ms]").astype("datetime64[M]").astype(np.int64).astype(np.int32)


def month_of(time_ms: int) -> int:
    return int(months_of(np.array([time_ms], np.int64))[0])


def month_start(month: int) -> int:
    """The first millisecond of a month."""
    return int(np.datetime64(month, "M").astype("datetime64[ms]").astype(np.int64))


def month_name(month: int) -> str:
    """`2026-11`: for file names, so that a person finds a month."""
    return str(np.datetime64(month, "M"))
