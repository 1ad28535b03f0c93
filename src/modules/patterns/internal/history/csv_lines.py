"""A stream of bytes as blocks of whole rows, and a block as fields.

A row ends at a newline outside quotes. Most blocks hold no quote at all; they are split without looking at each row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from modules.patterns.errors import BadSource
from modules.patterns.types import NoteKind

LONGEST_ROW: Final = 65_536
_BLOCK: Final = 1 << 20
"""Taking a block apart holds the interpreter for some 50 ms; the process has others to answer meanwhile."""
_MOST_LINES: Final = 64
"""So many lines may one quoted field have, before its quote is taken for a stray one."""


@dataclass(frozen=True)
class Block:
    """Whole rows. `line`: the number of the first, from 1. `cut`: the stream ends here, without a newline."""

    line: int
    data: bytes
    cut: bool = False


@dataclass(frozen=True)
class Bad:
    line: int
    kind: NoteKind
    text: str


@dataclass
class Split:
    """Rows with as many fields as the header has, with their line numbers; and the lines that are no such rows."""

    lines: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


def blocks(text: IO[bytes], path: Path, line: int) -> Iterator[Block]:
    """The stream from where it stands, which is the beginning of line `line`."""
    rest = b""
    while data := text.read(_BLOCK):
        rest += data
        cut = _end_of_rows(rest)
        if len(rest) - cut > LONGEST_ROW:
            raise BadSource(
                path=str(path),
                row=line + rest.count(b"\n", 0, cut),
                reason=f"a row is longer than {LONGEST_ROW:,} bytes",
                remedy="This is no log of state changes; export the history again",
            )
        if cut:
            yield Block(line, rest[:cut])
            line += rest.count(b"\n", 0, cut)
            rest = rest[cut:]
    yield Block(line, rest, cut=bool(rest) and not rest.endswith(b"\n"))


def _end_of_rows(data: bytes) -> int:
    """Where the last whole row ends: at the last newline that no open quote holds."""
    end = data.rfind(b"\n") + 1
    quotes = data.count(b'"', 0, end)
    last = end
    while quotes % 2 and end:
        before = data.rfind(b"\n", 0, end - 1) + 1
        quotes -= data.count(b'"', before, end)
        end = before
    return end if last - end <= LONGEST_ROW else last


def split(block: Block, width: int) -> Split:
    """The block's rows. Blank lines are none."""
    try:
        text = block.data.decode()
    except UnicodeDecodeError:
        return _by_line(block, width)
    if '"' in text:
        return _quoted(text, block.line, width)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    rows = [line.split(",") for line in lines]
    if set(map(len, rows)) <= {width}:
        return Split(list(range(block.line, block.line + len(rows))), rows)
    found = Split()
    for number, row in enumerate(rows, block.line):
        _sort_in(found, number, row, lines[number - block.line], width)
    return found


def _sort_in(found: Split, number: int, row: list[str], line: str, width: int) -> None:
    if len(row) == width:
        found.lines.append(number)
        found.rows.append(row)
    elif line.strip():
        found.bad.append(Bad(number, "bad_row", line))


def _by_line(block: Block, width: int) -> Split:
    """Some line of the block is no UTF-8: the others are good all the same."""
    found = Split()
    for number, data in enumerate(block.data.split(b"\n"), block.line):
        try:
            line = data.decode().removesuffix("\r")
        except UnicodeDecodeError:
            found.bad.append(Bad(number, "bad_text", data.decode("utf-8", "replace")))
        else:
            _sort_in(found, number, _fields(line), line, width)
    return found


def _quoted(text: str, first: int, width: int) -> Split:
    found = Split()
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        taken = _lines_of_row(lines, at)
        line = "\n".join(lines[at : at + taken]).removesuffix("\r")
        _sort_in(found, first + at, _fields(line), line, width)
        at += taken
    return found


def _lines_of_row(lines: list[str], at: int) -> int:
    """How many lines the row has that begins here; a quote that is not closed soon is a stray one."""
    quotes = 0
    for taken in range(1, min(_MOST_LINES, len(lines) - at) + 1):
        quotes += lines[at + taken - 1].count('"')
        if quotes % 2 == 0:
            return taken
    return 1


def _fields(line: str) -> list[str]:
    """The fields of one row; none if its quotes make no sense."""
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return []
