"""CSV files as people have them."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import lzma
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modules.patterns.internal.history import csv_lines
from modules.patterns.internal.history.csv_source import CsvSource
from modules.patterns.internal.history.intake import Known, Progress
from modules.patterns.internal.history.memory import LocalNames, instant, rows_of
from modules.patterns.internal.history.rows import combine, joined
from modules.patterns.types import ImportReport, Place, StateChange

from .home import Home

HEAD = "time_local,entity_id,state\n"


async def bring(home: Home, path: Path, text: str | bytes, zone: str = "UTC") -> ImportReport:
    await asyncio.to_thread(path.write_bytes, text.encode() if isinstance(text, str) else text)
    return await home.bring_in(path, zone)


async def times(home: Home) -> list[str]:
    return [change.at.strftime("%m-%d %H:%M") for change in await home.all()]


async def test_columns_are_found_by_name_in_any_order(home: Home, tmp_path: Path) -> None:
    text = (
        "State,origin,note,entity_id,time_local\n"
        "on,manual,x,light.hall,2026-01-01 07:00:00\n"
        'off,,"a, b",light.hall,2026-01-01T07:05:00.25\n'
    )
    report = await bring(home, tmp_path / "a", text)
    assert (report.rows, report.added, report.skipped, report.entities, report.format) == (2, 2, 0, 1, "csv")
    first, second = await home.all()
    assert (first.entity_id, first.state, first.origin) == ("light.hall", "on", "manual")
    assert (second.at.microsecond, second.origin) == (250_000, "unknown")


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
async def test_what_a_file_is_shows_in_its_bytes_not_in_its_name(home: Home, tmp_path: Path, pack: type) -> None:
    text = "\ufeff" + HEAD + "2026-01-01 07:00:00,light.hall,on\r\n\r\n2026-01-01 07:01:00,light.hall,off\r\n"
    report = await bring(home, tmp_path / "export.txt", pack(text.encode()))
    assert (report.rows, report.added) == (2, 2)
    assert [change.state for change in await home.all()] == ["on", "off"]


async def test_quoted_fields_may_hold_commas_quotes_and_newlines(home: Home, tmp_path: Path) -> None:
    states = ["a,b", 'say "hi"', "two\nlines", " spaced ", ""]
    out = io.StringIO()
    csv.writer(out).writerows([[f"2026-01-01 07:00:0{n}", "sensor.s", state] for n, state in enumerate(states)])
    await bring(home, tmp_path / "a", HEAD + out.getvalue())
    assert [change.state for change in await home.all()] == states


async def test_a_time_may_bring_its_own_offset(home: Home, tmp_path: Path) -> None:
    written = [
        "2026-07-01 08:00:00",
        "2026-07-01T08:01:00Z",
        "2026-07-01T08:02:00.123456+02:00",
        "2026-07-01 08:03:00-0530",
    ]
    await bring(
        home, tmp_path / "a", HEAD + "".join(f"{at},light.a,{n}\n" for n, at in enumerate(written)), "Europe/Berlin"
    )
    got = {change.state: change.at.isoformat(timespec="milliseconds") for change in await home.all()}
    assert got == {
        "0": "2026-07-01T06:00:00.000+00:00",
        "1": "2026-07-01T08:01:00.000+00:00",
        "2": "2026-07-01T06:02:00.123+00:00",
        "3": "2026-07-01T13:33:00.000+00:00",
    }


async def test_the_hour_that_comes_twice_is_told_apart_by_the_order_of_rows(home: Home, tmp_path: Path) -> None:
    walls = ["01:50", "02:10", "02:50", "02:05", "02:40", "03:10"]
    rows = "".join(f"2026-10-25 {wall}:00,light.a,{n}\n" for n, wall in enumerate(walls))
    report = await bring(home, tmp_path / "a", HEAD + rows, "Europe/Berlin")
    assert await times(home) == [
        "10-24 23:50",
        "10-25 00:10",
        "10-25 00:50",
        "10-25 01:05",
        "10-25 01:40",
        "10-25 02:10",
    ]
    assert [(note.kind, note.count, note.first_row) for note in report.notes] == [("ambiguous_local_time", 4, 3)]


async def test_on_lord_howe_half_an_hour_comes_twice(home: Home, tmp_path: Path) -> None:
    walls = ["01:20", "01:40", "01:35", "01:55", "02:01"]
    rows = "".join(f"2026-04-05 {wall}:00,light.a,{n}\n" for n, wall in enumerate(walls))
    report = await bring(home, tmp_path / "a", HEAD + rows, "Australia/Lord_Howe")
    assert await times(home) == ["04-04 14:20", "04-04 14:40", "04-04 15:05", "04-04 15:25", "04-04 15:31"]
    assert [(note.kind, note.count) for note in report.notes] == [("ambiguous_local_time", 3)]


async def test_the_hour_that_does_not_come_is_moved_on(home: Home, tmp_path: Path) -> None:
    rows = "2026-03-29 01:59:00,light.a,1\n2026-03-29 02:30:00,light.a,2\n2026-03-29 03:31:00,light.a,3\n"
    report = await bring(home, tmp_path / "a", HEAD + rows, "Europe/Berlin")
    assert await times(home) == ["03-29 00:59", "03-29 01:30", "03-29 01:31"]
    assert [(note.kind, note.count, note.first_row, note.example) for note in report.notes] == [
        ("missing_local_time", 1, 3, "2026-03-29 02:30:00")
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
async def test_a_year_of_local_times_comes_back_as_it_happened(home: Home, tmp_path: Path, zone: str) -> None:
    from zoneinfo import ZoneInfo

    happened = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=7 * n) for n in range(75_000)]
    text = HEAD + "".join(
        f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S},light.a,{n}\n" for n, at in enumerate(happened)
    )
    await bring(home, tmp_path / "a", text, zone)
    log = await home.library.log()
    assert [instant(at) for at in log.times.tolist()] == happened


async def test_times_out_of_order_are_put_in_order_and_counted(home: Home, tmp_path: Path) -> None:
    rows = "".join(f"2026-01-01 0{hour}:00:00,light.a,{hour}\n" for hour in (3, 1, 2))
    report = await bring(home, tmp_path / "a", HEAD + rows)
    assert [change.state for change in await home.all()] == ["1", "2", "3"]
    assert [(note.kind, note.count, note.first_row) for note in report.notes] == [("out_of_order", 1, 3)]


async def test_a_few_bad_rows_are_left_out_and_reported(home: Home, tmp_path: Path) -> None:
    good = [f"2026-01-01 07:{n // 60:02}:{n % 60:02},light.a,{n}".encode() for n in range(1000)]
    bad = [b"2026-02-30 07:00:00,light.a,on", b"a,b", b"2026-01-01 08:00:00,Light Hall,on", b"\xff\xfe,light.a,on"]
    bad += [b"2026-01-01 08:00:00,light.a," + b"x" * 256, b'2026-01-01 08:00:00,light.a,"on']
    rows = good[:500] + bad + good[500:]
    report = await bring(home, tmp_path / "a", HEAD.encode() + b"\n".join(rows) + b"\n")
    assert (report.rows, report.added, report.skipped) == (1006, 1000, 6)
    kinds = {note.kind: (note.count, note.first_row) for note in report.notes if note.kind != "out_of_order"}
    assert kinds == {"bad_row": (3, 502), "bad_entity_id": (1, 504), "bad_text": (1, 505), "long_state": (1, 506)}
    assert (await home.service.summary()).entities == 1


async def test_a_file_without_a_last_newline_may_have_been_cut_off(home: Home, tmp_path: Path) -> None:
    report = await bring(home, tmp_path / "a", HEAD + "2026-01-01 07:00:00,light.a,o")
    assert [(note.kind, note.first_row) for note in report.notes] == [("no_last_newline", 2)]


_changes = st.lists(
    st.builds(
        StateChange,
        at=st.integers(0, 200).map(
            lambda n: datetime(2026, 1, 31, 23, 59, tzinfo=UTC) + timedelta(milliseconds=n * 701)
        ),
        entity_id=st.sampled_from(["light.a", "light.b", "sensor.c"]),
        state=st.one_of(
            st.sampled_from(["on", "off", "1.5"]),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=6),
        ),
        origin=st.sampled_from(["unknown", "manual", "automation"]),
    ),
    min_size=1,
    max_size=40,
)


def as_csv(changes: Iterable[StateChange]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["time_local", "entity_id", "state", "origin"])
    for change in changes:
        writer.writerow([change.at.strftime("%Y-%m-%d %H:%M:%S.%f"), change.entity_id, change.state, change.origin])
    return out.getvalue()


@given(_changes, st.integers(40, 4000))
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_csv_of_any_changes_read_in_any_blocks_is_their_sorted_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: list[StateChange], block: int
) -> None:
    monkeypatch.setattr(csv_lines, "_BLOCK", block)
    path = tmp_path / "a.csv"
    path.write_text(as_csv(changes), newline="")
    for resume in (False, True):
        known, progress, parts = Known(), Progress(), []
        source = CsvSource(path, "plain", Place())
        done = False
        while not done:
            for chunk in source.chunks(progress, known):
                parts.append(chunk.rows)
                progress = chunk.progress
                if resume and progress.position < path.stat().st_size:
                    break
            else:
                done = True
        got = combine([joined(parts)]).rows
        entities, states = LocalNames(), LocalNames()
        expected = combine([rows_of(changes, entities, states)]).rows
        assert entities.names == known.entities.names
        assert states.names == known.states.names
        assert (progress.rows, progress.skipped) == (len(changes), 0)
        for name in ("times", "entities", "states", "origins"):
            assert getattr(got, name).tolist() == getattr(expected, name).tolist()
