"""The file of one month: twelve bytes for a change.

    8 bytes   "HWCOL1\0\0"
    8 bytes   N, little endian
    4N bytes  milliseconds since the month began (uint32: a month has less than 2^32)
    4N bytes  entity code (int32)
    4N bytes  state code in the lower 30 bits, origin in the upper 2 (uint32)

Files are written once, never changed, and read by memory map.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from kernel.errors import Unavailable
from modules.patterns.internal.history.months import month_start
from modules.patterns.internal.history.rows import Rows

_MAGIC: Final = b"HWCOL1\0\0"
_HEADER: Final = 16
BYTES_PER_CHANGE: Final = 12
_STATE_BITS: Final = 30
MOST_STATES: Final = 1 << _STATE_BITS


def layout(rows: Rows, month: int) -> Iterator[bytes]:
    """The bytes of a month's file, part by part."""
    yield _MAGIC
    yield len(rows).to_bytes(8, "little")
    yield (rows.times - month_start(month)).astype("<u4").tobytes()
    yield rows.entities.astype("<i4").tobytes()
    yield (rows.states.astype("<u4") | (rows.origins.astype("<u4") << _STATE_BITS)).tobytes()


def read(path: Path, month: int, count: int, start_ms: int | None = None, end_ms: int | None = None) -> Rows:
    """The rows of a month (of start <= time < end), decoded from the mapped file.

    Only the pages that hold them are read. Raises FileNotFoundError, Unavailable if it is damaged.
    """
    expected = _HEADER + BYTES_PER_CHANGE * count
    mapped: Any = np.memmap(path, np.uint8, "r")
    if len(mapped) != expected or bytes(mapped[:_HEADER]) != _MAGIC + count.to_bytes(8, "little"):
        raise Unavailable(
            what=f"the history file {path.name}",
            reason=f"it should hold {count} changes in {expected} bytes, not {len(mapped)}: restore it from a backup",
        )
    body = mapped[_HEADER:].view("<u4").reshape(3, count)
    low = 0 if start_ms is None else _position(body[0], start_ms - month_start(month))
    high = count if end_ms is None else _position(body[0], end_ms - month_start(month))
    offsets, entities, packed = body[:, low:high]
    return Rows(
        offsets.astype(np.int64) + month_start(month),
        entities.astype(np.int32),
        (packed & (MOST_STATES - 1)).astype(np.int32),
        (packed >> _STATE_BITS).astype(np.uint8),
    )


def _position(offsets: Any, offset: int) -> int:
    return int(np.searchsorted(offsets, np.uint32(min(max(offset, 0), 0xFFFFFFFF))))
