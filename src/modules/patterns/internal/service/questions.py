"""The questions of the `History` facade: a look at the catalogue, a look at few rows in a thread, an answer."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from kernel.data import Database, Tx
from kernel.errors import Invalid, NotFound
from modules.patterns.internal.domain.clock import clock_in, in_window
from modules.patterns.internal.domain.log import NO_VALUE, Times
from modules.patterns.internal.domain.questions import by_hour, changes_into, days_touched, last_into, time_in
from modules.patterns.internal.domain.timeline import Timeline
from modules.patterns.internal.history import store
from modules.patterns.internal.history.library import Library
from modules.patterns.internal.history.memory import ORIGIN_CODES, ORIGIN_NAMES, instant, milliseconds
from modules.patterns.internal.history.shelf import Shelf
from modules.patterns.internal.history.standing import Stand, standing
from modules.patterns.types import (
    AsOfQuestion,
    CountsQuestion,
    Duration,
    DurationQuestion,
    EntityState,
    HomeState,
    HourCounts,
    LastChange,
    LastQuestion,
    Window,
)

NEVER_SEEN: Final = "entity in the history"
NEVER_CODED: Final = -1
"""The code of a state that nothing was ever in."""


class Questions:
    """Asks the library."""

    def __init__(self, database: Database, library: Library) -> None:
        self._database = database
        self._library = library

    async def last_change(self, question: LastQuestion) -> LastChange | None:
        entity, state, _ = await self._codes(question.entity_id, question.state)
        before = None if question.before is None else milliseconds(question.before)
        found = await self._library.look((entity,), lambda shelf: _last(shelf, entity, state, before))
        if found is None:
            return None
        line, row = found
        names = await self._database.read(
            lambda tx: store.states_of(tx, line.states[max(row - 1, 0) : row + 1].tolist())
        )
        return LastChange(
            at=instant(int(line.times[row])),
            entity_id=question.entity_id,
            state=names[int(line.states[row])],
            from_state=names[int(line.states[row - 1])] if row else None,
            origin=ORIGIN_NAMES[int(line.origins[row])],
        )

    async def duration(self, question: DurationQuestion) -> Duration:
        start, end = _edges(question.window)
        if end < start:
            raise Invalid(where="question.window", expected="an end that is not before the start")
        entity, state, silent = await self._codes(question.entity_id, question.state)

        def work(shelf: Shelf) -> tuple[Timeline, int]:
            return shelf.line(entity, start, end), shelf.span[1] if shelf.span else start

        line, last = await self._library.look((entity,), work)
        spent = time_in(line, state, silent, start, end, last)
        known = end - start - spent.unknown_ms
        return Duration(
            entity_id=question.entity_id,
            state=question.state,
            window=question.window,
            seconds=spent.inside_ms / 1000,
            unknown_seconds=spent.unknown_ms / 1000,
            entered=spent.entered,
            share=spent.inside_ms / known if known else None,
        )

    async def counts(self, question: CountsQuestion) -> HourCounts:
        entity, state, silent = await self._codes(question.entity_id, question.state)
        origins = [ORIGIN_CODES[origin] for origin in question.origins or ORIGIN_NAMES]

        def work(shelf: Shelf) -> HourCounts:
            start, end, line = _within(shelf, entity, question)
            rows = changes_into(line, state, silent)
            rows = rows[np.isin(line.origins[rows], origins)]
            times = line.times[rows]
            return _told(question, shelf.place.zone, start, end, times[in_window(times, start, end)])

        return await self._library.look((entity,), work)

    async def as_of(self, question: AsOfQuestion) -> HomeState:
        at = milliseconds(question.at)
        names = await self._database.read(lambda tx: _asked(tx, question.entity_ids))

        def work(shelf: Shelf) -> tuple[dict[int, Stand], int | None]:
            return standing(shelf, at, names), shelf.span[1] if shelf.span else None

        found, last = await self._library.look(tuple(names) if question.entity_ids else None, work)
        states = sorted({stand.state for stand in found.values()})
        told = await self._database.read(lambda tx: store.states_of(tx, states))
        return HomeState(
            at=question.at,
            known_until=None if last is None else instant(last),
            entities=tuple(
                EntityState(
                    entity_id=name,
                    state=told[found[code].state],
                    since=instant(found[code].since_ms),
                    at_least=found[code].reaches_back,
                    origin=ORIGIN_NAMES[found[code].origin],
                )
                for code, name in sorted(names.items(), key=lambda item: item[1])
                if code in found
            ),
        )

    async def _codes(self, entity_id: str, state: str | None) -> tuple[int, int | None, frozenset[int]]:
        """The codes of the entity, of the state, and of the states that tell nothing. Raises NotFound."""

        def work(tx: Tx) -> tuple[int, int | None, frozenset[int]]:
            entity = store.codes_of(tx, (entity_id,)).get(entity_id)
            if entity is None:
                raise NotFound(kind=NEVER_SEEN, name=entity_id)
            silent = [store.state_code(tx, name) for name in NO_VALUE]
            coded = None if state is None else store.state_code(tx, state)
            if state is not None and coded is None:
                coded = NEVER_CODED
            return entity, coded, frozenset(code for code in silent if code is not None)

        return await self._database.read(work)


def _last(shelf: Shelf, entity: int, state: int | None, before_ms: int | None) -> tuple[Timeline, int] | None:
    """The timeline and its row; row 0 is the first sighting, when there is nothing later."""
    oldest: Timeline | None = None
    for line in shelf.backwards(entity, before_ms):
        if (row := last_into(line, state)) is not None:
            return line, row
        oldest = line
    if oldest is None or (state is not None and int(oldest.states[0]) != state):
        return None
    return oldest, 0


def _within(shelf: Shelf, entity: int, question: CountsQuestion) -> tuple[int, int, Timeline]:
    """The window that was asked for, cut to the record of the entity, and the entity's timeline up to its end."""
    first, last = shelf.span or (0, -1)
    start = first if question.start is None else max(first, milliseconds(question.start))
    end = last + 1 if question.end is None else min(last + 1, milliseconds(question.end))
    line = shelf.line(entity, start, end)
    if len(line) and int(line.times[0]) >= start:
        start = int(line.times[0])
    return start, max(start, end), line


def _told(question: CountsQuestion, zone: str, start: int, end: int, times: Times) -> HourCounts:
    clock = clock_in(ZoneInfo(zone), start, end)
    hours = by_hour(times, clock).tolist()
    return HourCounts(
        entity_id=question.entity_id,
        state=question.state,
        window=Window(start=instant(start), end=instant(end)),
        zone=zone,
        total=len(times),
        hours=tuple(tuple(day) for day in hours),  # type: ignore[arg-type]
        days=tuple(days_touched(start, end, clock).tolist()),
    )


def _asked(tx: Tx, entity_ids: tuple[str, ...]) -> dict[int, str]:
    """Names by code; all visible ones if none are asked for. Raises NotFound."""
    if not entity_ids:
        return {code: name for code, name in enumerate(store.entities(tx)) if name}
    known = store.codes_of(tx, list(dict.fromkeys(entity_ids)))
    for entity_id in entity_ids:
        if entity_id not in known:
            raise NotFound(kind=NEVER_SEEN, name=entity_id)
    return {code: name for name, code in known.items()}


def _edges(window: Window) -> tuple[int, int]:
    return milliseconds(window.start), milliseconds(window.end)
