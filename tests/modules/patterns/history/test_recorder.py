"""Home Assistant's recorder database: true changes only, and who made them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from modules.patterns.errors import BadSource
from modules.patterns.internal.history import recorder_source, recorder_store
from modules.patterns.types import ImportRequest, Origin

from .home import Home
from .recorder import Recorder

T = 1_767_250_800.0
AUTOMATION, SCRIPT, SERVICE = 1, 2, 3


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    return Recorder(tmp_path / "home-assistant_v2.db")


async def got(home: Home, recorder: Recorder) -> list[tuple[str, str, Origin]]:
    await home.bring_in(recorder.path, None)
    return [(change.entity_id, change.state, change.origin) for change in await home.all()]


async def test_only_true_changes_count_and_at_the_time_of_the_change(home: Home, recorder: Recorder) -> None:
    recorder.state("light.a", "on", T + 10, changed=T)
    recorder.state("light.a", "on", T + 20, changed=T)
    recorder.state("light.a", "off", T + 30.5)
    recorder.state("light.a", None, T + 40)
    recorder.state("light.a", "off", T + 50)
    report = await home.bring_in(recorder.path, None)
    assert (report.rows, report.added, report.duplicates, report.skipped) == (5, 4, 0, 0)
    assert [(note.kind, note.count, note.first_row) for note in report.notes] == [("no_change", 1, 2)]
    changes = await home.all()
    assert [change.state for change in changes] == ["on", "off", "unavailable", "off"]
    assert [change.at.timestamp() - T for change in changes] == [0, 30.5, 40, 50]


async def test_the_origin_is_read_off_the_context(home: Home, recorder: Recorder) -> None:
    for entity in ("light.a", "sensor.s", "light.late"):
        recorder.state(entity, "off", T - 100)
    recorder.state("light.a", "on", T, user=b"u" * 16)
    recorder.state("light.a", "off", T + 20, parent=b"p" * 16)
    recorder.event(AUTOMATION, T + 29.9, b"run")
    recorder.state("light.a", "on", T + 30, context=b"run")
    recorder.state("light.late", "on", T + 34)
    recorder.state("light.a", "off", T + 35)
    recorder.event(SCRIPT, T + 60, b"script")
    recorder.event(SERVICE, T + 80, b"called")
    recorder.state("light.a", "on", T + 600, context=b"script")
    recorder.state("sensor.s", "5", T + 601)
    recorder.state("light.a", "unavailable", T + 700)
    recorder.state("light.a", "on", T + 800)
    assert await got(home, recorder) == [
        ("light.a", "off", "unknown"),
        ("sensor.s", "off", "unknown"),
        ("light.late", "off", "unknown"),
        ("light.a", "on", "manual"),
        ("light.a", "off", "automation"),
        ("light.a", "on", "automation"),
        ("light.late", "on", "automation"),
        ("light.a", "off", "manual"),
        ("light.a", "on", "automation"),
        ("sensor.s", "5", "unknown"),
        ("light.a", "unavailable", "unknown"),
        ("light.a", "on", "unknown"),
    ]


async def test_a_running_recorder_is_read_from_its_log_and_not_touched(home: Home, recorder: Recorder) -> None:
    recorder.state("light.a", "on", T)
    log = recorder.path.with_name(recorder.path.name + "-wal")
    before = (recorder.path.read_bytes(), log.read_bytes())
    assert len(before[1]) > 0
    assert len(await got(home, recorder)) == 1
    assert (recorder.path.read_bytes(), log.read_bytes()) == before
    recorder.state("light.a", "off", T + 1)
    report = await home.bring_in(recorder.path, None)
    assert (report.rows, report.added, report.duplicates, report.already_known) == (2, 1, 1, False)
    assert (await home.bring_in(recorder.path, None)).already_known


async def test_chunks_do_not_show(home: Home, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_source, "_ROWS_AT_ONCE", 3)
    recorder.event(AUTOMATION, T, b"run")
    for n in range(20):
        recorder.state("light.a", ("on", "off")[n // 2 % 2], T + n, context=b"run")
    assert [state for _, state, _ in await got(home, recorder)] == ["on", "off"] * 5
    assert {origin for _, _, origin in await got(home, recorder)} == {"automation"}


@pytest.mark.parametrize("same_database", [True, False])
async def test_a_stopped_import_goes_on_while_home_assistant_writes_on(
    home: Home, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, same_database: bool
) -> None:
    monkeypatch.setattr(recorder_source, "_ROWS_AT_ONCE", 3)
    for n in range(300):
        recorder.state("light.a", ("on", "off")[n // 2 % 2], T + n)
    job = await home.service.import_file(ImportRequest(path=str(recorder.path)))
    running = asyncio.create_task(home.jobs.run())
    while len(home.left_over()) < 6:
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    if not same_database:
        recorder.connection.execute(
            "UPDATE states SET context_id_bin = x'00', last_updated_ts = last_updated_ts + 1000"
        )
    recorder.state("light.a", "last", T + 9000)
    await home.jobs.drain()
    report = (await home.service.import_status(job.id)).report
    assert report is not None
    assert (report.rows, report.added) == (301, 151)
    times = [change.at.timestamp() - T for change in await home.all()]
    assert times == [n + (0 if same_database else 1000) for n in range(0, 300, 2)] + [9000]


async def test_rows_that_make_no_sense_are_left_out_and_reported(home: Home, recorder: Recorder) -> None:
    recorder.state("light.a", "on", T)
    recorder.state("light.a", "x" * 300, T + 1)
    recorder.state("Not An Id", "on", T + 2)
    recorder.connection.execute("INSERT INTO states (metadata_id, state) VALUES (1, 'off')")
    recorder.connection.execute(
        "INSERT INTO states (metadata_id, state, last_updated_ts) VALUES (1, CAST(x'ff41' AS TEXT), ?)", (T + 9,)
    )
    recorder.connection.commit()
    report = await home.bring_in(recorder.path, None)
    assert (report.added, report.skipped) == (2, 3)
    assert {note.kind: note.first_row for note in report.notes} == {"long_state": 2, "bad_entity_id": 3, "bad_row": 4}


async def test_the_place_comes_from_the_configuration_beside_it(home: Home, recorder: Recorder, tmp_path: Path) -> None:
    recorder.state("light.a", "on", T)
    (tmp_path / ".storage").mkdir()
    data = {"time_zone": "Europe/Amsterdam", "latitude": 52.4, "longitude": 4.9}
    (tmp_path / ".storage" / "core.config").write_text(json.dumps({"data": data}))
    await home.bring_in(recorder.path, None)
    log = await home.library.log()
    assert (log.zone.key, log.latitude, log.longitude) == ("Europe/Amsterdam", 52.4, 4.9)


async def test_an_older_schema_is_named_with_the_release_that_upgrades_it(home: Home, tmp_path: Path) -> None:
    old = Recorder(tmp_path / "old.db", version=30)
    old.state("light.a", "on", T)
    with pytest.raises(BadSource, match=r"schema is version 30; .*43 and newer.*Start Home Assistant 2024\.4"):
        await home.ended(old.path, None)


async def test_an_unfinished_upgrade_is_refused(home: Home, recorder: Recorder) -> None:
    recorder.connection.execute("ALTER TABLE states RENAME COLUMN context_id_bin TO other")
    with pytest.raises(BadSource, match="lacks columns"):
        await home.ended(recorder.path, None)


async def test_an_empty_recorder_is_no_history(home: Home, recorder: Recorder) -> None:
    ended = await home.ended(recorder.path, None)
    assert "holds no states yet" in str(ended.job.problem)


async def test_a_damaged_database_fails_whole(home: Home, recorder: Recorder) -> None:
    for n in range(3000):
        recorder.connection.execute(
            "INSERT INTO states (metadata_id, state, last_updated_ts) VALUES (?, ?, ?)",
            (recorder.entity("light.a"), f"{n}" * 20, T + n),
        )
    recorder.connection.commit()
    recorder.connection.close()
    data = bytearray(recorder.path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 8 * 4096] = b"\xa5" * (8 * 4096)
    recorder.path.write_bytes(data)
    ended = await home.ended(recorder.path, None)
    assert ended.job.state == "failed"
    assert "the database is damaged" in str(ended.job.problem)
    assert await home.all() == []


async def test_a_locked_database_is_named(home: Home, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_store, "_WAIT_SECONDS", 0.1)
    recorder.state("light.a", "on", T)
    recorder.connection.execute("PRAGMA journal_mode=DELETE")
    recorder.connection.execute("BEGIN EXCLUSIVE")
    with pytest.raises(BadSource, match="another program holds it locked"):
        await home.ended(recorder.path, None)
