"""The file of one month: twelve bytes for a change, and four more that find an entity's changes without reading others.

    8 bytes       "HWCOL2\\0\\0"
    8 bytes       N, little endian
    8 bytes       E, little endian: entity codes in this month are below E
    4N bytes      milliseconds since the month began (uint32: a month has less than 2^32)
    4N bytes      entity code (int32)
    4N bytes      state code in the lower 30 bits, origin in the upper 2 (uint32)
    4N bytes      row numbers grouped by entity, in time order within each (uint32)
    4(E+1) bytes  where each entity's group begins (uint32)

Files are written once, never changed, and read by memory map. Files that begin with "HWCOL1" have neither E nor the two
last parts; those are worked out when they are asked for, and written when the month is next written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kernel.errors import Unavailable
from modules.patterns.internal.domain.log import Times
from modules.patterns.internal.history.months import month_start
from modules.patterns.internal.history.rows import Rows

_MAGIC: Final = b"HWCOL2\0\0"
_OLD_MAGIC: Final = b"HWCOL1\0\0"
_HEADER: Final = 24
_OLD_HEADER: Final = 16
BYTES_PER_CHANGE: Final = 16
_STATE_BITS: Final = 30
MOST_STATES: Final = 1 << _STATE_BITS

Positions = NDArray[np.int64]
"""Row numbers within a month."""


def layout(rows: Rows, month: int) -> Iterator[bytes]:
    """The bytes of a month's file, part by part."""
    order, starts = _grouped(rows.entities)
    yield _MAGIC
    yield len(rows).to_bytes(8, "little")
    yield (len(starts) - 1).to_bytes(8, "little")
    yield (rows.times - month_start(month)).astype("<u4").tobytes()
    yield rows.entities.astype("<i4").tobytes()
    yield (rows.states.astype("<u4") | (rows.origins.astype("<u4") << _STATE_BITS)).tobytes()
    yield order.astype("<u4").tobytes()
    yield starts.astype("<u4").tobytes()


def read(path: Path, month: int, count: int, start_ms: int | None = None, end_ms: int | None = None) -> Rows:
    """The rows of a month (of start <= time < end), decoded from the mapped file.

    Only the pages that hold them are read. Raises FileNotFoundError, Unavailable if it is damaged.
    """
    file = MonthFile(path, month, count)
    return file.rows(slice(*file.span(start_ms, end_ms)))


class MonthFile:
    """One month's mapped file. Raises FileNotFoundError, Unavailable if it is damaged."""

    def __init__(self, path: Path, month: int, count: int) -> None:
        self._start_ms = month_start(month)
        self._count = count
        mapped: Any = np.memmap(path, np.uint8, "r").view(np.ndarray)
        header, size = _sizes(mapped, count)
        if header == 0 or len(mapped) != size:
            raise Unavailable(
                what=f"the history file {path.name}",
                reason=f"it should hold {count} changes in {size} bytes, not {len(mapped)}: restore it from a backup",
            )
        self._body = mapped[header : header + 12 * count].view("<u4").reshape(3, count)
        self._rest = mapped[header + 12 * count :].view("<u4")

    def span(self, start_ms: int | None, end_ms: int | None) -> tuple[int, int]:
        """The rows with start <= time < end: from, to."""
        low = 0 if start_ms is None else self._position(start_ms)
        return low, self._count if end_ms is None else self._position(end_ms)

    def times(self) -> Times:
        """All times of the month, in order."""
        times: Times = self._body[0].astype(np.int64) + self._start_ms
        return times

    def rows(self, chosen: Positions | slice) -> Rows:
        """Some rows, decoded."""
        offsets, entities, packed = (self._body[column][chosen] for column in range(3))
        return Rows(
            offsets.astype(np.int64) + self._start_ms,
            entities.astype(np.int32),
            (packed & (MOST_STATES - 1)).astype(np.int32),
            (packed >> _STATE_BITS).astype(np.uint8),
        )

    def rows_of(self, entities: Sequence[int], start_ms: int | None = None, end_ms: int | None = None) -> Rows:
        """The rows of some entities with start <= time < end, in the order of (time, entity)."""
        low, high = self.span(start_ms, end_ms)
        groups = [self._group(entity, low, high) for entity in entities]
        if len(groups) == 1:
            return self.rows(groups[0])
        return self.rows(np.sort(np.concatenate([np.empty(0, np.int64), *groups])))

    def _group(self, entity: int, low: int, high: int) -> Positions:
        order, starts = self._index
        if entity + 1 >= len(starts):
            return np.empty(0, np.int64)
        group = order[starts[entity] : starts[entity + 1]]
        inside = slice(*np.searchsorted(group, np.array((low, high), group.dtype)))
        positions: Positions = group[inside].astype(np.int64)
        return positions

    @cached_property
    def _index(self) -> tuple[Any, Any]:
        if len(self._rest):
            return self._rest[: self._count], self._rest[self._count :]
        return _grouped(self._body[1].view("<i4"))

    def _position(self, time_ms: int) -> int:
        offset = time_ms - self._start_ms
        return int(np.searchsorted(self._body[0], np.uint32(min(max(offset, 0), 0xFFFFFFFF))))


def _sizes(mapped: Any, count: int) -> tuple[int, int]:
    """How long the header is and the file should be. A header that is none of ours: 0."""
    head = bytes(mapped[:_HEADER])
    told = count.to_bytes(8, "little")
    if head[:16] == _OLD_MAGIC + told:
        return _OLD_HEADER, _OLD_HEADER + 12 * count
    codes = int.from_bytes(head[16:], "little")
    return (_HEADER if head[:16] == _MAGIC + told else 0), _HEADER + 16 * count + 4 * (codes + 1)


def _grouped(entities: Any) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
    """Row numbers grouped by entity, and where each group begins."""
    codes = int(entities.max()) + 1 if len(entities) else 0
    order = np.argsort(entities.astype(np.uint16) if codes <= 65_536 else entities, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(entities, minlength=codes)))).astype(np.int64)
    return order, starts
