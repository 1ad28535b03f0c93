"""The recorded past: what goes in, what is there, what comes out."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from kernel.facade import Count, Instant, Value
from kernel.facade.job import JobStatus
from modules.patterns.types.rule import EntityId

Origin = Literal["manual", "automation", "unknown"]
SourceFormat = Literal["auto", "csv", "recorder"]
ZoneName = Annotated[str, Meta(min_length=1, max_length=64)]
"""An IANA zone: Europe/Berlin."""


class Place(Value, frozen=True, kw_only=True):
    """Where the home is. Without coordinates, sun triggers cannot be replayed."""

    zone: ZoneName = "UTC"
    latitude: Annotated[float, Meta(ge=-90.0, le=90.0)] | None = None
    longitude: Annotated[float, Meta(ge=-180.0, le=180.0)] | None = None


class StateChange(Value, frozen=True, kw_only=True):
    """An entity took a state. Millisecond resolution."""

    at: Instant
    entity_id: EntityId
    state: Annotated[str, Meta(max_length=255)]
    origin: Origin = "unknown"


class HistoryBatch(Value, frozen=True, kw_only=True):
    """Changes in any order; those that are already known are counted and left out."""

    changes: Annotated[tuple[StateChange, ...], Meta(max_length=100_000)]
    place: Place | None = None


class Imported(Value, frozen=True, kw_only=True):
    added: Count
    duplicates: Count


class ImportRequest(Value, frozen=True, kw_only=True):
    """A file that the process can read. CSV (plain, .gz, .xz) needs `place.zone`; a recorder database is in UTC."""

    path: Annotated[str, Meta(min_length=1, max_length=4096)]
    format: SourceFormat = "auto"
    place: Place | None = None
    keep_source: bool = True
    """False: the file is ours (an upload) and is removed when the job has ended."""


NoteKind = Literal[
    "out_of_order",
    "ambiguous_local_time",
    "missing_local_time",
    "bad_row",
    "long_state",
    "bad_entity_id",
    "bad_text",
    "no_last_newline",
    "no_change",
]


class ImportNote(Value, frozen=True, kw_only=True):
    """Something about the source that a person should know, with how often and the first line or row."""

    kind: NoteKind
    count: Count
    first_row: Count
    example: str = ""


class ImportReport(Value, frozen=True, kw_only=True):
    """What an import did. `already_known`: the same source, with the same zone, had been imported before."""

    source: str
    format: SourceFormat
    rows: Count
    added: Count
    duplicates: Count
    skipped: Count
    entities: Count
    first: Instant | None = None
    last: Instant | None = None
    already_known: bool = False
    notes: tuple[ImportNote, ...] = ()


class ImportStatus(Value, frozen=True, kw_only=True):
    job: JobStatus
    report: ImportReport | None = None


class HistorySummary(Value, frozen=True, kw_only=True):
    """What is there."""

    changes: Count
    entities: Count
    actuators: Count
    days_with_events: Count
    first: Instant | None = None
    last: Instant | None = None
    place: Place
    bytes_on_disk: Count


class TimelineQuestion(Value, frozen=True, kw_only=True):
    """Changes with start <= at < end, in order; of `entity_ids` (empty: all); at most `limit`."""

    start: Instant | None = None
    end: Instant | None = None
    entity_ids: tuple[EntityId, ...] = ()
    limit: Annotated[int, Meta(ge=1)] | None = None
