"""The SQL of the history's catalogue. Every function takes the transaction in which it works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import Select, Table, and_, delete, func, insert, select, update

from kernel.data import Tx
from modules.patterns.internal.history.months import month_of, month_start
from modules.patterns.internal.history.rows import Rows
from modules.patterns.internal.tables import entity_names, library, partitions, state_names, tail
from modules.patterns.types import Place

_LOOKED_UP_AT_ONCE: Final = 500
_TAIL: Final = (tail.c.id, tail.c.time_ms, tail.c.entity, tail.c.state, tail.c.origin)


@dataclass(frozen=True)
class Partition:
    """A visible file: `changes` of one UTC month."""

    month: int
    file: str
    changes: int


@dataclass(frozen=True)
class Manifest:
    """What was visible at one moment. `tail_end`: the tail's rows with a greater id came later."""

    version: int
    place: Place
    partitions: tuple[Partition, ...]
    tail: Rows
    tail_end: int

    @property
    def months(self) -> tuple[int, ...]:
        """The months that hold changes, in order."""
        live = {month for month, _ in self.tail.by_month()}
        return tuple(sorted(live | {partition.month for partition in self.partitions}))


def version(tx: Tx) -> int:
    return int(tx.execute(select(library.c.version)).scalar() or 0)


def place(tx: Tx) -> Place:
    row = tx.execute(select(library.c.zone, library.c.latitude, library.c.longitude)).one_or_none()
    return Place() if row is None else Place(zone=row.zone, latitude=row.latitude, longitude=row.longitude)


def changed(tx: Tx, new_place: Place | None = None) -> int:
    """What is visible has changed: the version that it now has. A new place in the same zone keeps its coordinates."""
    now = version(tx) + 1
    home = place(tx)
    if new_place is not None and (new_place.zone != home.zone or new_place.latitude is not None):
        home = new_place
    tx.execute(delete(library))
    tx.execute(
        insert(library).values(id=1, version=now, zone=home.zone, latitude=home.latitude, longitude=home.longitude)
    )
    return now


def manifest(
    tx: Tx, start_ms: int | None = None, end_ms: int | None = None, of_entities: Sequence[int] | None = None
) -> Manifest:
    """What is visible of start <= time < end; of the tail, only rows `of_entities` (None: of all)."""
    months = select(partitions).order_by(partitions.c.month)
    live = select(*_TAIL).order_by(tail.c.id)
    if of_entities is not None:
        live = live.where(tail.c.entity.in_(of_entities))
    if start_ms is not None:
        months = months.where(partitions.c.month >= month_of(start_ms))
        live = live.where(tail.c.time_ms >= start_ms)
    if end_ms is not None:
        months = months.where(partitions.c.month <= month_of(end_ms))
        live = live.where(tail.c.time_ms < end_ms)
    rows, last = _read_tail(tx, live)
    return Manifest(
        version=version(tx),
        place=place(tx),
        partitions=tuple(Partition(row.month, row.file, row.changes) for row in tx.execute(months)),
        tail=rows,
        tail_end=last,
    )


def tail_span(tx: Tx) -> tuple[int, int] | None:
    """The times of the tail's first and last row, or None if it is empty."""
    first, last = tx.execute(select(func.min(tail.c.time_ms), func.max(tail.c.time_ms))).one()
    return None if first is None else (int(first), int(last))


def tail_of(tx: Tx, start_ms: int, end_ms: int) -> Rows:
    """The tail's rows of a time."""
    live = select(*_TAIL).where(tail.c.time_ms >= start_ms, tail.c.time_ms < end_ms).order_by(tail.c.id)
    return _read_tail(tx, live)[0]


def _read_tail(tx: Tx, live: Select[Any]) -> tuple[Rows, int]:
    """The rows, and the last id. None is kept as an object: thousands of them wake the garbage collector."""
    numbers = (number for row in tx.execute(live) for number in row)
    columns = np.fromiter(numbers, np.int64).reshape(-1, 5).T
    ids, times, entities, states, origins = columns
    rows = Rows(times.copy(), entities.astype(np.int32), states.astype(np.int32), origins.astype(np.uint8))
    return rows, int(ids[-1]) if len(ids) else 0


def tail_length(tx: Tx) -> int:
    return int(tx.execute(select(func.count()).select_from(tail)).scalar_one())


def add_to_tail(tx: Tx, rows: Rows) -> None:
    columns = (rows.times.tolist(), rows.entities.tolist(), rows.states.tolist(), rows.origins.tolist())
    values = [
        {"time_ms": time, "entity": entity, "state": state, "origin": origin}
        for time, entity, state, origin in zip(*columns, strict=True)
    ]
    if values:
        tx.execute(insert(tail), values)


def remove_from_tail(tx: Tx, month: int, tail_end: int) -> None:
    """A file now holds the tail's rows of a month up to this id."""
    within = and_(tail.c.time_ms >= month_start(month), tail.c.time_ms < month_start(month + 1))
    tx.execute(delete(tail).where(within, tail.c.id <= tail_end))


def replace_partition(tx: Tx, before: Partition | None, after: Partition) -> bool:
    """Make `after` the month's file instead of `before`. False: somebody else has replaced it."""
    if before is None:
        if tx.execute(select(partitions.c.month).where(partitions.c.month == after.month)).first():
            return False
        tx.execute(insert(partitions).values(month=after.month, file=after.file, changes=after.changes))
        return True
    same = and_(partitions.c.month == before.month, partitions.c.file == before.file)
    done = tx.execute(update(partitions).where(same).values(file=after.file, changes=after.changes))
    return done.rowcount == 1


def partition(tx: Tx, month: int) -> Partition | None:
    """The file of a month, or None if it has none."""
    row = tx.execute(select(partitions).where(partitions.c.month == month)).one_or_none()
    return None if row is None else Partition(row.month, row.file, row.changes)


def partition_files(tx: Tx) -> set[str]:
    return set(tx.execute(select(partitions.c.file)).scalars())


def intern_entities(tx: Tx, names: Sequence[str], *, visible: bool) -> list[int]:
    """The codes of entities; new names get the next. `visible`: a change that has them becomes visible with `tx`."""
    codes = _intern(tx, entity_names, names, visible=visible)
    if visible:
        show_entities(tx, codes)
    return codes


def intern_states(tx: Tx, names: Sequence[str]) -> list[int]:
    """The codes of states; new names get the next."""
    return _intern(tx, state_names, names)


def _intern(tx: Tx, table: Table, names: Sequence[str], **columns: bool) -> list[int]:
    known: dict[str, int] = {}
    for part in _parts(names):
        found = select(table.c.name, table.c.code).where(table.c.name.in_(part))
        known.update((row.name, row.code) for row in tx.execute(found))
    missing = [name for name in dict.fromkeys(names) if name not in known]
    if missing:
        after = tx.execute(select(func.max(table.c.code))).scalar()
        known.update({name: code for code, name in enumerate(missing, 0 if after is None else after + 1)})
        tx.execute(insert(table), [{"code": known[name], "name": name, **columns} for name in missing])
    return [known[name] for name in names]


def show_entities(tx: Tx, codes: Iterable[int]) -> None:
    for part in _parts(sorted(set(codes))):
        hidden = and_(entity_names.c.code.in_(part), entity_names.c.visible.is_(False))
        tx.execute(update(entity_names).where(hidden).values(visible=True))


def entities(tx: Tx) -> tuple[str, ...]:
    """All entities by code; those that no visible change has are empty."""
    rows = tx.execute(select(entity_names.c.name, entity_names.c.visible).order_by(entity_names.c.code))
    return tuple(row.name if row.visible else "" for row in rows)


def codes_of(tx: Tx, names: Sequence[str]) -> dict[str, int]:
    """The codes of those of some entities that a visible change has."""
    found: dict[str, int] = {}
    for part in _parts(names):
        known = entity_names.c.name.in_(part) & entity_names.c.visible
        rows = tx.execute(select(entity_names.c.name, entity_names.c.code).where(known))
        found.update((row.name, row.code) for row in rows)
    return found


def state_code(tx: Tx, name: str) -> int | None:
    """The code of a state, or None if nothing was ever in it."""
    return tx.execute(select(state_names.c.code).where(state_names.c.name == name)).scalar()


def states(tx: Tx) -> tuple[str, ...]:
    """All states by code."""
    return tuple(tx.execute(select(state_names.c.name).order_by(state_names.c.code)).scalars())


def states_of(tx: Tx, codes: Sequence[int]) -> Mapping[int, str]:
    """The names of some states."""
    found: dict[int, str] = {}
    for part in _parts(codes):
        rows = tx.execute(select(state_names.c.code, state_names.c.name).where(state_names.c.code.in_(part)))
        found.update((row.code, row.name) for row in rows)
    return found


def filed(tx: Tx) -> int:
    """The changes that the months' files hold."""
    return int(tx.execute(select(func.sum(partitions.c.changes))).scalar() or 0)


def _parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _LOOKED_UP_AT_ONCE):
        yield values[start : start + _LOOKED_UP_AT_ONCE]
