"""The `History` facade: files by jobs, live changes at once, and what is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import numpy as np

from kernel.data import Database, Tx
from kernel.data.jobs import Jobs
from kernel.data.once import once
from kernel.data.outbox import emit
from kernel.errors import Fault, Invalid
from kernel.facade.job import JobStatus
from modules.patterns.errors import UnknownJob
from modules.patterns.events import HistoryImported
from modules.patterns.facade import History
from modules.patterns.internal.domain.actuators import actuator_of
from modules.patterns.internal.history import import_store, store
from modules.patterns.internal.history.columns import BYTES_PER_CHANGE
from modules.patterns.internal.history.extent import extent
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.importing import IMPORT, Importing, open_source
from modules.patterns.internal.history.library import Library
from modules.patterns.internal.history.memory import EPOCH, ORIGIN_NAMES, instant, milliseconds
from modules.patterns.internal.history.rows import Rows
from modules.patterns.internal.history.tail import Tail
from modules.patterns.internal.history.wall_clock import zone_named
from modules.patterns.internal.service.questions import Questions
from modules.patterns.types import (
    AsOfQuestion,
    CountsQuestion,
    Duration,
    DurationQuestion,
    HistoryBatch,
    HistorySummary,
    HomeState,
    HourCounts,
    Imported,
    ImportRequest,
    ImportStatus,
    LastChange,
    LastQuestion,
    Place,
    StateChange,
    TimelineQuestion,
)

T = TypeVar("T")
_END: Final = datetime(2200, 1, 1, tzinfo=EPOCH.tzinfo)
_AT_ONCE: Final = 1_000
_log = logging.getLogger(__name__)


class HistoryService(History):
    """Every change of state that the home's past holds, once."""

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        folder: Folder,
        library: Library,
        tail: Tail,
        importing: Importing,
        heavy: Executor,
        home: Place | None = None,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._folder = folder
        self._library = library
        self._tail = tail
        self._importing = importing
        self._heavy = heavy
        self._home = home
        self._questions = Questions(database, library)

    async def start(self) -> None:
        """Sweep up what a killed process left: files that no row names, segments of imports that have ended."""
        async with self._folder.writing():
            files = await self._database.read(store.partition_files)
            staged = await self._in_thread(self._folder.staged)
            dead = [import_id for import_id in staged if await self._has_ended(import_id)]
            await self._in_thread(lambda: self._folder.sweep(files, dead))

    async def _has_ended(self, import_id: str) -> bool:
        status = await self._jobs.status(import_id)
        return status is None or status.ended

    async def import_file(self, request: ImportRequest) -> JobStatus:
        placed = msgspec.structs.replace(request, place=request.place or self._home)
        absolute, refusal = await self._in_thread(lambda: _looked_at(placed))

        def work(tx: Tx) -> JobStatus:
            if refusal is not None:
                raise refusal
            status = self._jobs.enqueue(tx, IMPORT, absolute)
            import_store.add(tx, status.id, absolute)
            return status

        return await once(self._database, "History.import_file", request, JobStatus, work)

    async def import_status(self, job_id: str) -> ImportStatus:
        status = await self._jobs.status(job_id)
        asked = await self._asked(job_id)  # after the job: both end in one transaction, and whoever ended has a report
        if status is None:
            raise UnknownJob(job_id=job_id)
        return ImportStatus(job=status, report=asked.report)

    async def cancel_import(self, job_id: str) -> JobStatus:
        asked = await self._asked(job_id)
        status = await self._jobs.cancel(job_id)
        if status.state == "cancelled" and not asked.ended:  # nobody runs it: nobody else tidies up
            await self._importing.forget(asked)
        return status

    async def import_history(self, batch: HistoryBatch) -> Imported:
        _check(batch)

        def work(tx: Tx) -> Imported:
            added = self._tail.add(tx, batch.changes)
            version = store.changed(tx, batch.place)
            if added:
                emit(tx, _event(batch, added, version))
            return Imported(added=added, duplicates=len(batch.changes) - added)

        imported = await once(self._database, "History.import_history", batch, Imported, work)
        try:
            await self._tail.fold_if_grown()
        except Fault as fault:
            _log.warning("live changes are stored, but could not be folded into their months yet: %s", fault)
        return imported

    async def summary(self) -> HistorySummary:
        entities = [name for name in await self._database.read(store.entities) if name]
        held = await self._library.look(None, extent)
        return HistorySummary(
            changes=held.changes,
            entities=len(entities),
            actuators=sum(actuator_of(name) is not None for name in entities),
            days_with_events=held.days,
            first=None if held.span is None else instant(held.span[0]),
            last=None if held.span is None else instant(held.span[1]),
            place=held.place,
            bytes_on_disk=await self._database.read(store.filed) * BYTES_PER_CHANGE,
        )

    async def timeline(self, question: TimelineQuestion) -> AsyncIterator[StateChange]:
        start, end = (None if at is None else milliseconds(at) for at in (question.start, question.end))
        asked = list(dict.fromkeys(question.entity_ids))
        known = await self._database.read(lambda tx: store.codes_of(tx, asked)) if asked else {}
        left = question.limit
        async for rows in self._library.months(start, end, sorted(known.values()) if asked else None):
            for at in range(0, len(rows), _AT_ONCE):
                part = rows.take(slice(at, at + (_AT_ONCE if left is None else min(left, _AT_ONCE))))
                for change in await self._changes(part):
                    yield change
                left = None if left is None else left - len(part)
                if left == 0:
                    return

    async def last_change(self, question: LastQuestion) -> LastChange | None:
        return await self._questions.last_change(question)

    async def duration(self, question: DurationQuestion) -> Duration:
        return await self._questions.duration(question)

    async def counts(self, question: CountsQuestion) -> HourCounts:
        return await self._questions.counts(question)

    async def as_of(self, question: AsOfQuestion) -> HomeState:
        return await self._questions.as_of(question)

    async def _changes(self, rows: Rows) -> list[StateChange]:
        states = np.unique(rows.states).tolist()
        entities, names = await self._database.long_read(lambda tx: (store.entities(tx), store.states_of(tx, states)))
        columns = (rows.times.tolist(), rows.entities.tolist(), rows.states.tolist(), rows.origins.tolist())
        return await self._in_thread(
            lambda: [
                StateChange(at=instant(at), entity_id=entities[entity], state=names[state], origin=ORIGIN_NAMES[origin])
                for at, entity, state, origin in zip(*columns, strict=True)
            ]
        )

    async def _asked(self, job_id: str) -> import_store.Import:
        asked = await self._database.read(lambda tx: import_store.find(tx, job_id))
        if asked is None:
            raise UnknownJob(job_id=job_id)
        return asked

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._heavy, work)


def _looked_at(request: ImportRequest) -> tuple[ImportRequest, Fault | None]:
    """The request with its whole path; why it cannot be done, as far as the file's first lines tell."""
    absolute = msgspec.structs.replace(request, path=str(Path(request.path).absolute()))
    try:
        open_source(absolute)
    except Fault as fault:
        return absolute, fault
    return absolute, None


def _check(batch: HistoryBatch) -> None:
    """Raises UnknownZone or Invalid."""
    if batch.place is not None:
        zone_named(batch.place.zone)
    for index, change in enumerate(batch.changes):
        if not EPOCH <= change.at < _END:
            raise Invalid(where=f"batch.changes[{index}].at", expected=f"a time from 1970 to 2199, not {change.at}")
        if "\0" in change.state or any("\ud800" <= letter <= "\udfff" for letter in change.state):
            raise Invalid(where=f"batch.changes[{index}].state", expected="text without NUL and lone surrogates")


def _event(batch: HistoryBatch, added: int, version: int) -> HistoryImported:
    times = [change.at for change in batch.changes]
    return HistoryImported(import_id=f"batch-{version}", source="batch", added=added, first=min(times), last=max(times))
