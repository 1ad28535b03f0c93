"""How the home stood at an instant: for each entity the state that it was in, and since when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from modules.patterns.internal.history.rows import Rows
from modules.patterns.internal.history.shelf import Shelf


@dataclass(frozen=True)
class Stand:
    """An entity's state. `reaches_back`: the record begins with it, so it was in it for longer."""

    state: int
    since_ms: int
    origin: int
    reaches_back: bool


def standing(shelf: Shelf, at_ms: int, entities: Collection[int]) -> dict[int, Stand]:
    """By entity, those that had been seen by then. Months are read backwards, for those only that are not yet known."""
    found: dict[int, Stand] = {}
    pending = sorted(entities)
    for month in shelf.months(at_ms):
        if not pending:
            break
        for entity, stand in _last_runs(shelf.rows(month, pending, None, at_ms + 1)).items():
            found[entity] = _continued(stand, found.get(entity))
        pending = [entity for entity in pending if entity not in found or found[entity].reaches_back]
    return found


def _continued(earlier: Stand, later: Stand | None) -> Stand:
    """A run of a later month, seen from the month before: it began there, or with its own first row."""
    if later is None or later.state == earlier.state:
        return earlier
    return replace(later, reaches_back=False)


def _last_runs(rows: Rows) -> dict[int, Stand]:
    """Of each entity's rows, the last ones that have the same state; `reaches_back` if all have it."""
    if not len(rows):
        return {}
    rows = rows.take(np.argsort(rows.entities, kind="stable"))
    begins = np.flatnonzero(np.diff(rows.entities, prepend=-1))
    opens = np.ones(len(rows), np.bool_)
    opens[1:] = (rows.states[1:] != rows.states[:-1]) | (rows.entities[1:] != rows.entities[:-1])
    runs = np.flatnonzero(opens)
    ends = np.append(begins[1:], len(rows))
    last = runs[np.searchsorted(runs, ends) - 1]
    return {
        int(rows.entities[run]): Stand(
            int(rows.states[run]), int(rows.times[run]), int(rows.origins[run]), bool(run == begin)
        )
        for run, begin in zip(last.tolist(), begins.tolist(), strict=True)
    }
