"""The first line of a CSV file: which column is what."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from modules.patterns.errors import BadSource
from modules.patterns.internal.history.csv_lines import LONGEST_ROW

_WANTED: Final = ("time_local", "entity_id", "state")
_REMEDY: Final = "The first line must name the columns: time_local,entity_id,state and, if known, origin"
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Header:
    """Where the columns are, of `width`; in which line the header stands. Other columns are not read."""

    time: int
    entity: int
    state: int
    origin: int | None
    width: int
    line: int


def read_header(text: IO[bytes], path: Path) -> tuple[Header, int]:
    """The header, and the number of bytes that come before the first row. Raises BadSource."""
    begin, line = 0, 0
    while True:
        data = text.readline(LONGEST_ROW + 1)
        begin, line = begin + len(data), line + 1
        if not data:
            raise BadSource(path=str(path), reason="it holds no text", remedy="Export the history again")
        if len(data) > LONGEST_ROW:
            raise _not_csv(path, line, f"its first line is longer than {LONGEST_ROW:,} bytes")
        data = data.removeprefix(_BOM) if line == 1 else data
        if data.strip():
            return _header(_names(data, path, line), path, line), begin


def _names(data: bytes, path: Path, line: int) -> list[str]:
    try:
        text = data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        raise _not_csv(path, line, "it is UTF-16, not UTF-8" if utf16 else "it is no text in UTF-8") from None
    try:
        return [name.strip().lower() for name in next(csv.reader([text], strict=True), [])]
    except csv.Error:
        raise _not_csv(path, line, "its first line is no row of a CSV file") from None


def _header(names: list[str], path: Path, line: int) -> Header:
    missing = [name for name in _WANTED if name not in names]
    shown = ", ".join(names)[:200]
    if missing:
        other = next((mark for mark in (";", "\t", "|") if mark in shown), None)
        hint = f"; the columns seem to be separated by {other!r}: use commas" if other and len(names) == 1 else ""
        raise _not_csv(path, line, f"it has no column {' and no '.join(missing)}; it has: {shown}{hint}")
    twice = next((name for name in (*_WANTED, "origin") if names.count(name) > 1), None)
    if twice:
        raise _not_csv(path, line, f"it has two columns {twice}")
    time, entity, state = (names.index(name) for name in _WANTED)
    return Header(time, entity, state, names.index("origin") if "origin" in names else None, len(names), line)


def _not_csv(path: Path, line: int, reason: str) -> BadSource:
    return BadSource(path=str(path), row=line, reason=reason, remedy=_REMEDY)
