"""What a source gives to an import: chunks of rows in codes of its own, and how to go on after each.

A source is read in a worker thread. It numbers entities and states as it meets them; the names that a chunk met first
travel with the chunk, so that a killed import knows them again from the chunks that were staged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from modules.patterns.internal.history.memory import LocalNames
from modules.patterns.internal.history.rows import Rows
from modules.patterns.types import ImportNote, NoteKind, Place, SourceFormat


class WallClock(msgspec.Struct, frozen=True, kw_only=True):
    """Where a reader of local times is: the row before, and whether the repeated hour has begun again."""

    before: int | None = None
    was_ambiguous: bool = False
    second_pass: bool = False


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import has come; stored with each staged chunk.

    `position`: bytes of text, or the last state_id; `mark`: what stands there.
    """

    stage: Literal["reading", "merging"] = "reading"
    format: SourceFormat = "auto"
    place: Place | None = None
    mark: str = ""
    position: int = 0
    line: int = 0
    rows: int = 0
    skipped: int = 0
    segments: int = 0
    before_ms: int | None = None
    clock: WallClock = WallClock()
    notes: tuple[ImportNote, ...] = ()


@dataclass
class Known:
    """What the staged chunks have told so far; a source goes on numbering here. `last_states`: by entity."""

    entities: LocalNames = field(default_factory=LocalNames)
    states: LocalNames = field(default_factory=LocalNames)
    last_states: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Chunk:
    """Rows in the source's codes. `done` of `total`: what people see of the progress, in bytes or rows."""

    rows: Rows
    entities: tuple[str, ...]
    states: tuple[str, ...]
    done: int
    total: int
    progress: Progress


class Source(Protocol):
    """A file that holds history. Its methods raise BadSource."""

    format: SourceFormat

    def digest(self) -> str:
        """What tells this source, read in this way, from all others."""

    def place(self) -> Place | None:
        """Where the home is, as far as the source or the request says."""

    def resumes(self, since: Progress, same_digest: bool) -> bool:
        """Whether what was staged up to `since` is still the beginning of this source."""

    def chunks(self, since: Progress, known: Known) -> Iterator[Chunk]:
        """The rows after `since`, in order, to the end. The last chunk's progress holds all notes."""


class Notes:
    """What a person should know about a source, counted by kind, with the first of each."""

    def __init__(self, notes: tuple[ImportNote, ...] = ()) -> None:
        self._notes = {note.kind: note for note in notes}

    def add(self, kind: NoteKind, count: int, first_row: int, example: str) -> None:
        before = self._notes.get(kind)
        note = ImportNote(kind=kind, count=count, first_row=first_row, example=example[:120])
        if before is not None:
            first = min(before, note, key=lambda each: each.first_row)
            note = msgspec.structs.replace(first, count=before.count + count)
        self._notes[kind] = note

    def all(self) -> tuple[ImportNote, ...]:
        return tuple(self._notes.values())
