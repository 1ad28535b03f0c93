"""The second half of an import: its staged segments become part of the months' files, and all of it visible at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import numpy as np

from kernel.data import Database, Tx
from modules.patterns.internal.domain.log import Codes
from modules.patterns.internal.history import staging, store
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.folding import Folded, fold_month, show
from modules.patterns.internal.history.import_store import Segment
from modules.patterns.internal.history.intake import Known
from modules.patterns.internal.history.months import month_of, month_start
from modules.patterns.internal.history.rows import Rows, joined

_NAMES_AT_ONCE: Final = 20_000


@dataclass(frozen=True)
class Outcome:
    """What became of the staged rows."""

    staged: int
    added: int
    entities: int
    first_ms: int | None
    last_ms: int | None


class Merging:
    """Merges one import."""

    def __init__(self, database: Database, folder: Folder, heavy: Executor, import_id: str) -> None:
        self._database = database
        self._folder = folder
        self._heavy = heavy
        self._import_id = import_id
        self._used: set[int] = set()

    async def merge(
        self,
        segments: Sequence[Segment],
        known: Known,
        advance: Callable[[int, int], Awaitable[None]],
        finish: Callable[[Tx, Outcome], None],
    ) -> None:
        """Fold the segments in; `finish` runs in the transaction that makes them visible.

        `advance(done, total)` is awaited after each month, and may raise to stop: then nothing has become visible.
        """
        codes = await self._codes(known)
        months = _months(segments)
        async with self._folder.writing():
            seen = await self._database.read(store.manifest)
            folded: list[Folded] = []
            try:
                for done, month in enumerate(months, 1):
                    folded.append(await self._fold(seen, month, segments, codes))
                    await advance(done, len(months))
            except BaseException:
                self._folder.discard(name for month in folded for name in month.written)
                raise
            outcome = _outcome(segments, folded, len(self._used))
            await self._database.write(
                lambda tx: self._show(tx, folded, seen, codes[0][sorted(self._used)], outcome, finish)
            )
            self._folder.retire(month.before.file for month in folded if month.before and month.written)

    async def _codes(self, known: Known) -> tuple[Codes, Codes]:
        """The library's codes of the source's entities and states. New ones are not visible yet."""
        entities = list(known.entities.names)
        states = known.states.names
        entity_codes = await self._database.write(lambda tx: store.intern_entities(tx, entities, visible=False))
        state_codes: list[int] = []
        for start in range(0, len(states), _NAMES_AT_ONCE):
            part = states[start : start + _NAMES_AT_ONCE]
            state_codes += await self._database.write(lambda tx, part=part: store.intern_states(tx, part))  # type: ignore[misc]
        return np.array(entity_codes, np.int32), np.array(state_codes, np.int32)

    async def _fold(
        self, seen: store.Manifest, month: int, segments: Sequence[Segment], codes: tuple[Codes, Codes]
    ) -> Folded:
        def work() -> Folded:
            return fold_month(self._folder, seen, month, self._rows(month, segments, codes))

        return await asyncio.get_running_loop().run_in_executor(self._heavy, work)

    def _rows(self, month: int, segments: Sequence[Segment], codes: tuple[Codes, Codes]) -> Rows:
        """The staged rows of a month in the library's codes."""
        start, end = month_start(month), month_start(month + 1)
        parts = []
        for segment in segments:
            if segment.changes and segment.first_ms < end and segment.last_ms >= start:
                rows = staging.read(self._folder.segment_file(self._import_id, segment.number))[0].within_month(month)
                self._used.update(np.unique(rows.entities).tolist())
                parts.append(Rows(rows.times, codes[0][rows.entities], codes[1][rows.states], rows.origins))
        return joined(parts)

    def _show(
        self,
        tx: Tx,
        folded: Sequence[Folded],
        seen: store.Manifest,
        entities: Codes,
        outcome: Outcome,
        finish: Callable[[Tx, Outcome], None],
    ) -> None:
        show(tx, folded, seen.tail_end)
        store.show_entities(tx, entities.tolist())
        finish(tx, outcome)


def _months(segments: Sequence[Segment]) -> list[int]:
    """The months that segments may touch, in order."""
    touched: set[int] = set()
    for segment in segments:
        if segment.changes:
            touched.update(range(month_of(segment.first_ms), month_of(segment.last_ms) + 1))
    return sorted(touched)


def _outcome(segments: Sequence[Segment], folded: Sequence[Folded], entities: int) -> Outcome:
    filled = [segment for segment in segments if segment.changes]
    return Outcome(
        staged=sum(segment.changes for segment in filled),
        added=sum(month.added for month in folded),
        entities=entities,
        first_ms=min((segment.first_ms for segment in filled), default=None),
        last_ms=max((segment.last_ms for segment in filled), default=None),
    )
