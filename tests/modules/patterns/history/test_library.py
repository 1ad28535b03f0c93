"""What goes into the library comes out of it, in order, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.data import Database
from kernel.data.migrate import check
from kernel.errors import Unavailable
from kernel.testing.databases import Databases
from modules.patterns.internal.domain.log import AUTOMATION, MANUAL, Log
from modules.patterns.internal.history import columns, store
from modules.patterns.internal.history.folder import Folder, write_whole
from modules.patterns.internal.history.library import Library
from modules.patterns.internal.history.memory import LocalNames, log_of, rows_of
from modules.patterns.internal.history.rows import combine
from modules.patterns.internal.history.tail import Tail
from modules.patterns.internal.tables import metadata
from modules.patterns.types import Origin, StateChange

START = datetime(2026, 1, 31, 23, 59, 58, tzinfo=UTC)


def change(seconds: float, entity: str = "light.hall", state: str = "on", origin: Origin = "unknown") -> StateChange:
    return StateChange(at=START + timedelta(seconds=seconds), entity_id=entity, state=state, origin=origin)


def shown(log: Log) -> list[tuple[int, str, str, int]]:
    return [
        (int(log.times[i]), log.entity_ids[log.entities[i]], log.state_names[log.states[i]], int(log.origins[i]))
        for i in range(len(log))
    ]


async def add(database: Database, tail: Tail, changes: Sequence[StateChange]) -> int:
    def work(tx: store.Tx) -> int:
        added = tail.add(tx, changes)
        store.changed(tx)
        return added

    added = await database.write(work)
    await tail.fold_if_grown()
    return added


async def test_the_migration_makes_the_tables_that_the_code_uses(database: Database, databases: Databases) -> None:
    assert check("patterns", databases.url, metadata) == ()


async def test_an_empty_library_gives_an_empty_log(library: Library) -> None:
    assert len(await library.log()) == 0


async def test_live_changes_come_back_in_order_across_months(library: Library, database: Database, tail: Tail) -> None:
    assert await add(database, tail, [change(5, state="off"), change(0), change(86_400 * 40, "sun.sun", "up")]) == 3
    assert [(entity, state) for _, entity, state, _ in shown(await library.log())] == [
        ("light.hall", "on"),
        ("light.hall", "off"),
        ("sun.sun", "up"),
    ]


async def test_a_range_is_half_open(library: Library, database: Database, tail: Tail) -> None:
    await add(database, tail, [change(seconds) for seconds in range(6)])
    start = int(START.timestamp() * 1000)
    for _ in range(2):
        assert len(await library.log(start + 1000, start + 4000)) == 3
        await tail.fold()


async def test_folding_changes_nothing_that_a_reader_sees(library: Library, database: Database, tail: Tail) -> None:
    await add(database, tail, [change(i / 7, f"light.l{i % 3}", str(i % 5)) for i in range(19)])
    before = shown(await library.log())
    await tail.fold()
    assert shown(await library.log()) == before
    assert await database.read(store.tail_length) == 0
    assert await database.read(store.filed) == 19


async def test_a_long_tail_is_folded(database: Database, tail: Tail) -> None:
    await add(database, tail, [change(i) for i in range(21)])
    assert await database.read(store.tail_length) == 0


async def test_a_known_change_teaches_only_its_origin(library: Library, database: Database, tail: Tail) -> None:
    for fold in (False, True):
        assert await add(database, tail, [change(0)]) == (0 if fold else 1)
        assert await add(database, tail, [change(0, origin="manual")]) == 0
        assert [row[3] for row in shown(await library.log())] == [MANUAL]
        await tail.fold()
    assert await add(database, tail, [change(0, origin="automation"), change(0)]) == 0
    assert [row[3] for row in shown(await library.log())] == [AUTOMATION]


async def test_a_log_stays_what_it_was_while_the_library_grows(
    library: Library, database: Database, tail: Tail
) -> None:
    await add(database, tail, [change(i) for i in range(21)])
    log = await library.log()
    assert await library.log() is log
    await add(database, tail, [change(100 + i) for i in range(21)])
    assert len(log) == 21
    assert len(await library.log()) == 42


async def test_a_reader_that_was_told_an_old_name_still_finds_the_file(
    library: Library, database: Database, folder: Folder, tail: Tail
) -> None:
    await add(database, tail, [change(i) for i in range(21)])
    old = [part.file for part in (await database.read(store.manifest)).partitions]
    await add(database, tail, [change(100 + i) for i in range(21)])
    assert all(folder.month_file(name).exists() for name in old)
    folder.sweep(await database.read(store.partition_files), ())
    assert not any(folder.month_file(name).exists() for name in old if "2026-02" in name)
    assert len(await library.log()) == 42


async def test_a_damaged_file_is_found_out(library: Library, database: Database, folder: Folder, tail: Tail) -> None:
    await add(database, tail, [change(i) for i in range(21)])
    partition = (await database.read(store.manifest)).partitions[0]
    path = folder.month_file(partition.file)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Unavailable, match="should hold"):
        await library.log()
    path.unlink()
    with pytest.raises(Unavailable, match="is gone"):
        await library.log()
    with pytest.raises(Unavailable, match="is gone"):
        await add(database, tail, [change(0)])


_changes = st.lists(
    st.builds(
        StateChange,
        at=st.integers(0, 50).map(lambda n: START + timedelta(milliseconds=n * 100)),
        entity_id=st.sampled_from(["light.a", "light.b", "sensor.c"]),
        state=st.sampled_from(["on", "off", "1"]),
        origin=st.sampled_from(["unknown", "manual", "automation"]),
    ),
    max_size=30,
)


@given(_changes, st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_combining_is_sorting_and_leaving_out_what_is_known(changes: list[StateChange], cut: int) -> None:
    entities, states = LocalNames(), LocalNames()
    parts = [rows_of(changes[:cut], entities, states), rows_of(changes[cut:], entities, states)]
    rows = combine(parts).rows
    best: dict[tuple[int, int, int], int] = {}
    whole = rows_of(changes, entities, states)
    columns = zip(whole.times.tolist(), whole.entities.tolist(), whole.states.tolist(), whole.origins, strict=True)
    for time, entity, state, origin in columns:
        key = (time, entity, state)
        best[key] = max(best.get(key, 0), int(origin))
    expected = sorted(best.items(), key=lambda item: item[0][:2])
    got = zip(rows.times.tolist(), rows.entities.tolist(), rows.states.tolist(), rows.origins.tolist(), strict=True)
    assert [((time, entity, state), origin) for time, entity, state, origin in got] == expected
    assert shown(log_of(changes)) == [
        (time, entities.names[entity], states.names[state], origin) for (time, entity, state), origin in expected
    ]


@given(_changes.filter(bool), st.integers(-1, 60), st.integers(-1, 60))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_months_file_gives_back_what_was_written(
    tmp_path: Path, changes: list[StateChange], low: int, high: int
) -> None:
    rows = combine([rows_of(changes, LocalNames(), LocalNames())]).rows
    for month, part in rows.by_month():
        path = tmp_path / str(month)
        write_whole(path, columns.layout(part, month))
        codes = int(part.entities.max()) + 2
        assert path.stat().st_size == 24 + columns.BYTES_PER_CHANGE * len(part) + 4 * codes
        start, end = (int(START.timestamp() * 1000) + n * 100 for n in (low, high))
        for window in ((None, None), (start, end)):
            read, expected = columns.read(path, month, len(part), *window), part.between(*window)
            for name in ("times", "entities", "states", "origins"):
                assert getattr(read, name).tolist() == getattr(expected, name).tolist()
