"""An import is whole or not there, whatever happens in between; and once is enough."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kernel.data import Database
from kernel.data.migrate import upgrade
from kernel.errors import Conflict, Invalid
from kernel.facade.context import Context, enter, leave
from kernel.testing.killing import kill_repeatedly, kills_wanted
from modules.patterns.errors import UnknownZone
from modules.patterns.internal.history import csv_lines, import_store, store
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.library import Library
from modules.patterns.internal.tables import metadata
from modules.patterns.types import HistoryBatch, ImportRequest, Place, StateChange, TimelineQuestion

from .home import Home

START = datetime(2026, 1, 30, tzinfo=UTC)
HEAD = "time_local,entity_id,state\n"


def rows(first: int, last: int, step_seconds: int = 60) -> str:
    def row(n: int) -> str:
        return f"{START + timedelta(seconds=n * step_seconds):%Y-%m-%d %H:%M:%S},light.l{n % 7},{n % 5}\n"

    return HEAD + "".join(map(row, range(first, last)))


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def change(seconds: float, state: str = "on") -> StateChange:
    return StateChange(at=START + timedelta(seconds=seconds), entity_id="light.live", state=state)


async def until_staged(home: Home, most: int) -> None:
    while len(home.left_over()) < most:
        await asyncio.sleep(0)


async def test_the_same_source_is_known_again(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", rows(0, 5000))
    first = await home.bring_in(path)
    assert (first.added, first.duplicates, first.already_known) == (5000, 0, False)
    again = await home.bring_in(write(tmp_path / "b.csv", rows(0, 5000)))
    assert (again.added, again.duplicates, again.already_known) == (0, 5000, True)
    other_zone = await home.bring_in(path, "Asia/Tokyo")
    assert not other_zone.already_known


async def test_overlapping_files_add_only_what_is_new(home: Home, tmp_path: Path) -> None:
    await home.bring_in(write(tmp_path / "a.csv", rows(0, 4000)))
    before = {part.month: part.file for part in (await home.database.read(store.manifest)).partitions}
    report = await home.bring_in(write(tmp_path / "b.csv", rows(3500, 5000)))
    assert (report.rows, report.added, report.duplicates) == (1500, 1000, 500)
    assert (await home.service.summary()).changes == 5000
    after = {part.month: part.file for part in (await home.database.read(store.manifest)).partitions}
    assert {month for month in after if after[month] != before.get(month)} == {673}


async def test_two_imports_and_live_changes_at_once_lose_nothing(home: Home, tmp_path: Path) -> None:
    for name, first, last in (("a", 0, 3000), ("b", 2000, 5000)):
        path = write(tmp_path / name, rows(first, last))
        await home.service.import_file(ImportRequest(path=str(path), place=Place()))
    home.jobs._at_once = 2
    draining = asyncio.create_task(home.jobs.drain())
    for n in range(60):
        await home.service.import_history(HistoryBatch(changes=(change(n), change(n, "off"))))
    await draining
    log = await home.library.log()
    assert len(log) == 5120 == (await home.service.summary()).changes
    assert len(set(zip(log.times.tolist(), log.entities.tolist(), log.states.tolist(), strict=True))) == 5120


async def test_nothing_is_visible_until_all_is(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_lines, "_BLOCK", 5_000)
    await home.service.import_file(ImportRequest(path=str(write(tmp_path / "a", rows(0, 5000))), place=Place()))
    draining = asyncio.create_task(home.jobs.drain())
    seen = set()
    while not draining.done():
        summary = await home.service.summary()
        seen.add((summary.changes, summary.entities))
    await draining
    assert seen <= {(0, 0), (5000, 7)}
    assert (0, 0) in seen


async def test_a_cancelled_import_leaves_nothing(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_lines, "_BLOCK", 5_000)
    path = write(tmp_path / "a", rows(0, 20_000))
    ours = ImportRequest(path=str(path), place=Place(), keep_source=False)
    job = await home.service.import_file(ours)
    draining = asyncio.create_task(home.jobs.drain())
    await until_staged(home, 1)
    await home.service.cancel_import(job.id)
    await draining
    assert (await home.service.import_status(job.id)).job.state == "cancelled"
    assert await home.all() == []
    assert home.left_over() == []
    assert not path.exists()
    waiting = await home.service.import_file(
        ImportRequest(path=str(write(path, rows(0, 9))), place=Place(), keep_source=False)
    )
    assert (await home.service.cancel_import(waiting.id)).state == "cancelled"
    assert not path.exists()


async def test_a_stopped_import_goes_on_with_what_is_staged(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_lines, "_BLOCK", 5_000)
    path = write(tmp_path / "a", rows(0, 20_000))
    job = await home.service.import_file(ImportRequest(path=str(path), place=Place()))
    running = asyncio.create_task(home.jobs.run())
    await until_staged(home, 4)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    staged = await home.database.read(lambda tx: import_store.staged(tx, job.id))
    assert len(staged) >= 2
    asked = await home.database.read(lambda tx: import_store.find(tx, job.id))
    assert asked is not None
    assert asked.progress.segments == len(staged)
    await home.service.start()
    assert len(home.left_over()) >= len(staged)
    await home.jobs.drain()
    status = await home.service.import_status(job.id)
    assert status.report is not None
    assert (status.report.rows, status.report.added) == (20_000, 20_000)
    assert home.left_over() == []


async def test_a_source_that_changed_in_between_is_read_anew(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_lines, "_BLOCK", 5_000)
    path = write(tmp_path / "a", rows(0, 20_000))
    job = await home.service.import_file(ImportRequest(path=str(path), place=Place()))
    running = asyncio.create_task(home.jobs.run())
    await until_staged(home, 4)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    write(path, rows(50_000, 51_000))
    await home.jobs.drain()
    status = await home.service.import_status(job.id)
    assert status.report is not None
    assert (status.report.rows, status.report.added) == (1000, 1000)
    assert len(await home.all()) == 1000


async def test_live_changes_are_visible_at_once_and_counted_once(home: Home) -> None:
    place = Place(zone="Europe/Berlin", latitude=52.5, longitude=13.4)
    batch = HistoryBatch(changes=(change(1, "off"), change(0), change(1, "off")), place=place)
    imported = await home.service.import_history(batch)
    assert (imported.added, imported.duplicates) == (2, 1)
    assert [each.state for each in await home.all()] == ["on", "off"]
    assert (await home.service.import_history(batch)).added == 0
    summary = await home.service.summary()
    assert (summary.changes, summary.entities, summary.actuators, summary.days_with_events) == (2, 1, 1, 1)
    assert summary.place == place
    assert (summary.first, summary.last) == (START, START + timedelta(seconds=1))


async def test_a_repeated_call_gets_its_first_reply(home: Home, tmp_path: Path) -> None:
    path = write(tmp_path / "a", rows(0, 10))
    request = ImportRequest(path=str(path), place=Place())
    batch = HistoryBatch(changes=(change(0),))
    for key in ("import", "batch"):
        token = enter(Context(received=key))
        try:
            if key == "batch":
                assert await home.service.import_history(batch) == await home.service.import_history(batch)
                with pytest.raises(Conflict):
                    await home.service.import_history(HistoryBatch(changes=(change(1),)))
            else:
                first = await home.service.import_file(request)
                path.unlink()
                assert (await home.service.import_file(request)).id == first.id
        finally:
            leave(token)


async def test_a_batch_that_cannot_be_kept_is_refused(home: Home) -> None:
    with pytest.raises(UnknownZone):
        await home.service.import_history(HistoryBatch(changes=(), place=Place(zone="Mars/Base")))
    far = StateChange(at=datetime(2200, 1, 1, tzinfo=UTC), entity_id="light.a", state="on")
    with pytest.raises(Invalid, match=r"changes\[1\].at"):
        await home.service.import_history(HistoryBatch(changes=(change(0), far)))
    for text in ("a\0b", "\ud800"):
        with pytest.raises(Invalid, match="NUL"):
            await home.service.import_history(HistoryBatch(changes=(change(0, text),)))
    assert await home.all() == []


async def test_the_timeline_asks_for_times_entities_and_so_many(home: Home, tmp_path: Path) -> None:
    await home.bring_in(write(tmp_path / "a", rows(0, 5000)))
    ask = TimelineQuestion(
        start=START + timedelta(minutes=100), end=START + timedelta(minutes=4000), entity_ids=("light.l1", "light.none")
    )
    found = await home.all(ask)
    expected = [START + timedelta(minutes=n) for n in range(100, 4000) if n % 7 == 1]
    assert [each.at for each in found] == expected
    few = TimelineQuestion(entity_ids=ask.entity_ids, limit=300)
    assert [each.entity_id for each in await home.all(few)] == ["light.l1"] * 300
    assert await home.all(TimelineQuestion(entity_ids=("light.none",))) == []


async def test_a_start_sweeps_up_what_nobody_names(home: Home, folder: Folder, tmp_path: Path) -> None:
    await home.bring_in(write(tmp_path / "a", rows(0, 100)))
    orphan = folder.month_file(folder.new_month_name(600))
    orphan.write_bytes(b"half")
    staged = folder.segment_file("gone", 0)
    staged.parent.mkdir()
    staged.write_bytes(b"half")
    await home.service.start()
    assert not orphan.exists()
    assert home.left_over() == []
    assert len(await home.all()) == 100


async def test_an_import_survives_kill_9_at_any_moment(tmp_path: Path, heavy: object) -> None:
    count = max(60_000, 5_000 * kills_wanted())
    order = list(range(count))
    random.Random(1).shuffle(order)
    lines = rows(0, count, 90).splitlines(keepends=True)
    source = write(tmp_path / "a.csv", HEAD + "".join(lines[1 + n] for n in order))
    url = f"sqlite:///{tmp_path}/patterns.db"
    upgrade("patterns", url, metadata)
    victim = [sys.executable, str(Path(__file__).with_name("victim.py")), str(tmp_path), str(source)]
    ordeal = kill_repeatedly(victim, times=kills_wanted(), seed=7, longest_seconds=0.3)
    assert ordeal.kills == kills_wanted()
    database = await Database.open("patterns", url)
    log = await Library(database, Folder(tmp_path / "history"), heavy).log()  # type: ignore[arg-type]
    await database.close()
    live = log.entity_ids.index("sensor.live")
    kept = Counter(log.state_names[state] for state in log.states[log.entities == live].tolist())
    assert set(ordeal.kept) <= set(kept)
    assert set(kept.values()) == {1}
    imported = log.times[log.entities != live]
    assert len(imported) == count == len(set(imported.tolist()))
    assert list((tmp_path / "history" / "staged").iterdir()) == []


async def test_two_processes_import_into_one_folder_at_the_same_time(tmp_path: Path, heavy: Executor) -> None:
    """Each may run the other's job. Their files overlap: every row is there once, and added by one of them."""
    url = f"sqlite:///{tmp_path}/patterns.db"
    upgrade("patterns", url, metadata)
    sources = [write(tmp_path / "a.csv", rows(0, 30_000, 90)), write(tmp_path / "b.csv", rows(20_000, 50_000, 90))]
    script = str(Path(__file__).with_name("importer.py"))
    processes = [await _started(script, str(tmp_path), str(source)) for source in sources]
    try:
        async with asyncio.timeout(60):
            said = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
    assert [process.returncode for process in processes] == [0, 0], said
    added, duplicates = zip(*(map(int, out.split()) for out, _ in said), strict=True)
    assert (sum(added), sum(duplicates)) == (50_000, 10_000)
    database = await Database.open("patterns", url)
    log = await Library(database, Folder(tmp_path / "history"), heavy).log()
    await database.close()
    assert len(log) == 50_000 == len(set(log.times.tolist()))
    assert list((tmp_path / "history" / "staged").iterdir()) == []


async def _started(*arguments: str) -> asyncio.subprocess.Process:
    """A Python process that has said `ready`."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process
