"""A CSV file of changes: columns `time_local`, `entity_id`, `state` and maybe `origin`, in any order, by their names.

Rows that make no sense are left out and reported, as long as they are at most one in a hundred; else the file is
refused, with the first of them. The zone is that of the wall clock by which the times were written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from modules.patterns.errors import BadSource
from modules.patterns.internal.history.csv_header import read_header
from modules.patterns.internal.history.csv_lines import blocks
from modules.patterns.internal.history.csv_rows import CsvRows, why
from modules.patterns.internal.history.intake import Chunk, Known, Progress
from modules.patterns.internal.history.opening import Packing, digest_of, faults_of, skip, stamp_of, unpacked
from modules.patterns.internal.history.wall_clock import LocalTimes, zone_named
from modules.patterns.types import Place, SourceFormat

BAD_SHARE: Final = 0.01


class CsvSource:
    """One CSV file, plain or packed, read with the clock of one zone."""

    format: SourceFormat = "csv"

    def __init__(self, path: Path, packing: Packing, place: Place) -> None:
        self._path = path
        self._packing = packing
        self._place = place
        self._zone = zone_named(place.zone)
        self._stamp = stamp_of(path)
        with faults_of(path), unpacked(path, packing) as (text, _):
            self._header, self._begin = read_header(text, path)

    def digest(self) -> str:
        """Of the file's bytes and the zone."""
        return hashlib.sha256(b"csv\0" + self._place.zone.encode() + b"\0" + digest_of(self._path)).hexdigest()

    def place(self) -> Place:
        return self._place

    def resumes(self, since: Progress, same_digest: bool) -> bool:
        return same_digest

    def chunks(self, since: Progress, known: Known) -> Iterator[Chunk]:
        reading = CsvRows(self._header, LocalTimes(self._zone, since.clock), since, known)
        position = since.position or self._begin
        with faults_of(self._path), unpacked(self._path, self._packing) as (text, raw):
            skip(text, position)
            for block in blocks(text, self._path, since.line or self._header.line + 1):
                position += len(block.data)
                yield reading.chunk(block, position, raw.tell(), self._stamp[0])
        self._judge(reading)

    def _judge(self, reading: CsvRows) -> None:
        if stamp_of(self._path) != self._stamp:
            raise BadSource(
                path=str(self._path),
                reason="it was changed while it was read",
                remedy="Import it again when nothing writes to it",
            )
        if not reading.rows:
            raise BadSource(path=str(self._path), reason="it holds no changes", remedy="Export the history again")
        if reading.skipped > reading.rows * BAD_SHARE:
            kind, row, example = reading.first_bad
            raise BadSource(
                path=str(self._path),
                row=row,
                reason=f"{why(kind)}: {example!r}; {reading.skipped:,} of {reading.rows:,} rows are bad, more than 1 %",
                remedy="Correct the rows or leave them out; nothing was imported",
            )
