"""Rows of text become rows of numbers, column by column; what makes no sense is left out and noted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.log import UNKNOWN, Codes, Flags
from modules.patterns.internal.history.csv_header import Header
from modules.patterns.internal.history.csv_lines import Block, Split, split
from modules.patterns.internal.history.csv_times import NO_OFFSET, Written, read_times
from modules.patterns.internal.history.intake import Chunk, Known, Notes, Progress
from modules.patterns.internal.history.memory import ORIGIN_CODES, LocalNames
from modules.patterns.internal.history.rows import Rows
from modules.patterns.internal.history.wall_clock import LocalTimes
from modules.patterns.types import NoteKind

LONGEST_NAME: Final = 255
ENTITY: Final = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")
_BAD_ENTITY, _LONG, _BAD_TEXT, _BAD_ORIGIN = -1, -2, -3, -4
_ORIGINS: Final[Mapping[str, int]] = {"": UNKNOWN, **{str(name): code for name, code in ORIGIN_CODES.items()}}
_WHY: Final[Mapping[str, str]] = {
    "bad_row": "it is no row of the columns that the first line names, or its time or origin cannot be read",
    "long_state": f"its state is longer than {LONGEST_NAME} characters",
    "bad_entity_id": "its entity_id is none (light.kitchen is one)",
    "bad_text": "it is no UTF-8 text",
}
Index = NDArray[np.int64]


def why(kind: NoteKind) -> str:
    """Why rows of this kind were left out."""
    return _WHY[kind]


class CsvRows:
    """One pass over a file, from `since` on: blocks in, chunks out, and the tallies."""

    def __init__(self, header: Header, times: LocalTimes, since: Progress, known: Known) -> None:
        self._header = header
        self._times = times
        self._since = since
        self._names = (known.entities, known.states)
        self._entities = _Entities(known.entities)
        self._states = _States(known.states)
        self._origins = _Origins()
        self._notes = Notes(since.notes)
        self._before_ms = since.before_ms
        self.rows = since.rows
        self.skipped = since.skipped

    @property
    def first_bad(self) -> tuple[NoteKind, int, str]:
        """The first row that was left out."""
        bad = [note for note in self._notes.all() if note.kind in _WHY]
        first = min(bad, key=lambda note: note.first_row)
        return first.kind, first.first_row, first.example

    def chunk(self, block: Block, position: int, done: int, total: int) -> Chunk:
        """The rows of a block."""
        entities, states = (len(names) for names in self._names)
        found = split(block, self._header.width)
        rows = self._rows(found)
        for bad in found.bad:
            self._leave_out(bad.kind, 1, bad.line, bad.text)
        self.rows += len(found.rows) + len(found.bad)
        next_line = block.line + block.data.count(b"\n")
        if block.cut:
            self._notes.add("no_last_newline", 1, next_line, "the file may have been cut off")
        progress = Progress(
            position=position,
            line=next_line,
            rows=self.rows,
            skipped=self.skipped,
            before_ms=self._before_ms,
            clock=self._times.state,
            notes=self._notes.all(),
        )
        return Chunk(rows, self._names[0].since(entities), self._names[1].since(states), done, total, progress)

    def _rows(self, found: Split) -> Rows:
        header = self._header
        columns: list[tuple[str, ...]] = list(zip(*found.rows, strict=True)) or [()] * header.width
        written = read_times(columns[header.time])
        entities = _codes(self._entities, columns[header.entity])
        states = _codes(self._states, columns[header.state])
        origins = np.zeros(len(entities), np.int32)
        if header.origin is not None:
            origins = _codes(self._origins, columns[header.origin])
        kept = np.flatnonzero(self._kept(found, written, entities, states, origins))
        lines = np.array(found.lines, np.int64)[kept]
        texts = columns[header.time]
        times = self._utc(written, kept, lines, texts) * 1000 + written.milliseconds[kept]
        self._note("out_of_order", self._steps_back(times), lines, kept, texts)
        return Rows(times, entities[kept], states[kept], origins[kept].astype(np.uint8))

    def _utc(self, written: Written, kept: Index, lines: Index, texts: Sequence[str]) -> NDArray[np.int64]:
        """The kept rows' times in UTC seconds."""
        seconds, offsets = written.seconds[kept], written.offsets[kept]
        local = np.flatnonzero(offsets == NO_OFFSET)
        utc = seconds - np.where(offsets == NO_OFFSET, 0, offsets)
        resolved = self._times.resolve(seconds[local])
        utc[local] = resolved.utc
        self._note("ambiguous_local_time", resolved.ambiguous, lines[local], kept[local], texts)
        self._note("missing_local_time", resolved.missing, lines[local], kept[local], texts)
        return utc

    def _steps_back(self, times: NDArray[np.int64]) -> Flags:
        """Which rows are earlier than the row before."""
        if not len(times):
            return np.zeros(0, np.bool_)
        first = times[0] if self._before_ms is None else self._before_ms
        self._before_ms = int(times[-1])
        back: Flags = np.diff(times, prepend=first) < 0
        return back

    def _note(self, kind: NoteKind, which: Flags, lines: Index, rows: Index, texts: Sequence[str]) -> None:
        found = np.flatnonzero(which)
        if len(found):
            self._notes.add(kind, len(found), int(lines[found[0]]), texts[rows[found[0]]])

    def _kept(self, found: Split, written: Written, entities: Codes, states: Codes, origins: Codes) -> Flags:
        """Which rows make sense; the others are noted under the first thing that is wrong with them."""
        kept = np.ones(len(found.rows), np.bool_)
        wrong: tuple[tuple[NoteKind, Flags], ...] = (
            ("bad_row", ~written.good | (origins == _BAD_ORIGIN)),
            ("bad_entity_id", entities == _BAD_ENTITY),
            ("long_state", states == _LONG),
            ("bad_text", states == _BAD_TEXT),
        )
        for kind, flags in wrong:
            rows = np.flatnonzero(flags & kept)
            if len(rows):
                self._leave_out(kind, len(rows), found.lines[rows[0]], ",".join(found.rows[rows[0]]))
                kept &= ~flags
        return kept

    def _leave_out(self, kind: NoteKind, count: int, line: int, example: str) -> None:
        self._notes.add(kind, count, line, example)
        self.skipped += count


def _codes(codes: Mapping[str, int], texts: Sequence[str]) -> Codes:
    return np.fromiter(map(codes.__getitem__, texts), np.int32, len(texts))


class _Entities(dict[str, int]):
    """Codes by entity id as written; what is no entity id gets a negative one."""

    def __init__(self, names: LocalNames) -> None:
        super().__init__(names.codes)
        self._names = names

    def __missing__(self, text: str) -> int:
        name = text.strip()
        good = len(name) <= LONGEST_NAME and ENTITY.fullmatch(name)
        code = self[text] = self._names.code(name) if good else _BAD_ENTITY
        return code


class _States(dict[str, int]):
    """Codes by state; what can be no state gets a negative one."""

    def __init__(self, names: LocalNames) -> None:
        super().__init__(names.codes)
        self._names = names

    def __missing__(self, text: str) -> int:
        bad = _LONG if len(text) > LONGEST_NAME else _BAD_TEXT if "\0" in text else 0
        code = self[text] = bad or self._names.code(text)
        return code


class _Origins(dict[str, int]):
    """Codes by origin as written; an empty one is unknown."""

    def __missing__(self, text: str) -> int:
        code = self[text] = _ORIGINS.get(text.strip().lower(), _BAD_ORIGIN)
        return code
