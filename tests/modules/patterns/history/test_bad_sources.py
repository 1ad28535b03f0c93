"""What is no history is refused with a sentence that names the row, the reason and the remedy; nothing of it stays."""

from __future__ import annotations

import gzip
import lzma
import os
import re
import sqlite3
from pathlib import Path

import pytest

from modules.patterns.errors import BadSource, UnknownJob, UnknownZone
from modules.patterns.internal.history.opening import faults_of
from modules.patterns.types import ImportRequest, Place

from .home import Home

HEAD = b"time_local,entity_id,state\n"
ROWS = b"".join(b"2026-01-01 %02d:%02d:00,light.a,%d\n" % (n // 60, n % 60, n) for n in range(1200))
LONG = b"".join(
    b"2026-01-01 %02d:%02d:00,light.a,%d\n" % (n // 60 % 24, n % 60, n * 7919 % 65521) for n in range(200_000)
)

FILES = {
    "empty": (b"", "it is empty"),
    "no text": (b"\n\n", "it holds no text"),
    "no rows": (HEAD, "it holds no changes"),
    "wrong columns": (
        b"when,what\n1,2\n",
        r"row 1.*no column time_local and no entity_id and no state; it has: when, what",
    ),
    "semicolons": (HEAD.replace(b",", b";") + b"a;b;c\n", r"separated by ';': use commas"),
    "twice": (b"time_local,state,entity_id,state\n", "two columns state"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "no text in UTF-8"),
    "UTF-16": ((HEAD + ROWS).decode().encode("utf-16"), "it is UTF-16"),
    "a huge line": (
        HEAD + ROWS + b"2026-01-01 00:00:00,light.a," + b"x" * 6_000_000,
        r"row 1202.*longer than 65,536 bytes",
    ),
    "a huge header": (b"x" * 70_000, "first line is longer than 65,536 bytes"),
    "bad times": (HEAD + ROWS[:2000] + b"yesterday,light.a,on\n" * 9, r"row \d+.*time.*9 of \d+ rows are bad"),
    "invalid UTF-8": (HEAD + b"2026-01-01 07:00:00,light.a,\xff\n", "row 2.*no UTF-8"),
    "bad entities": (HEAD + b"2026-01-01 07:00:00,kitchen lamp,on\n", "row 2.*entity_id"),
    "bad origin": (b"time_local,entity_id,state,origin\n2026-01-01 07:00:00,light.a,on,ghost\n", "row 2.*origin"),
    "a zip": (b"PK\x03\x04" + b"0" * 50, r"a \.zip archive.*Unpack"),
    "a truncated gz": (gzip.compress(HEAD + LONG)[:-2000], "cut off"),
    "a truncated xz": (lzma.compress(HEAD + LONG)[:-2000], "cut off"),
    "a damaged gz": (
        gzip.compress(HEAD + ROWS)[:60] + b"\0" * 60 + gzip.compress(HEAD + ROWS)[120:],
        "damaged|cut off",
    ),
    "a damaged xz": (
        lzma.compress(HEAD + ROWS)[:60] + b"\0" * 60 + lzma.compress(HEAD + ROWS)[120:],
        "damaged|cut off",
    ),
    "a packed database": (gzip.compress(b"SQLite format 3\0" + b"0" * 500), "packed database"),
    "no database after all": (b"SQLite format 3\0" + b"0" * 5000, "no database after its first bytes|damaged"),
}


async def nothing_stays(home: Home) -> None:
    assert await home.all() == []
    assert home.left_over() == []
    assert list((home.files / "months").iterdir()) == []
    summary = await home.service.summary()
    assert (summary.changes, summary.entities) == (0, 0)


async def sentence_of(home: Home, path: Path, zone: str | None = "UTC") -> str:
    """How the file was refused: at once, or by the job."""
    try:
        ended = await home.ended(path, zone)
    except BadSource as fault:
        return str(fault)
    assert ended.job.state == "failed"
    assert ended.report is None
    assert ended.job.problem is not None
    return ended.job.problem


@pytest.mark.parametrize("name", FILES)
async def test_what_is_no_history_is_refused_whole(home: Home, tmp_path: Path, name: str) -> None:
    data, expected = FILES[name]
    path = tmp_path / "source"
    path.write_bytes(data)
    sentence = await sentence_of(home, path)
    assert re.search(expected, sentence), sentence
    assert sentence.startswith(str(path))
    await nothing_stays(home)


async def test_a_file_that_is_not_there_or_a_folder_is_refused_at_once(home: Home, tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="no such file"):
        await home.ended(tmp_path / "nowhere.csv")
    with pytest.raises(BadSource, match="it is a folder"):
        await home.ended(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadSource, match="no plain file"):
        await home.ended(tmp_path / "pipe")


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSource, match="may not read it"), faults_of(tmp_path):
        raise PermissionError(13, "Permission denied")
    with pytest.raises(BadSource, match="Input/output error"), faults_of(tmp_path):
        raise OSError(5, "Input/output error")


async def test_a_csv_without_a_zone_or_with_a_wrong_one_is_refused_at_once(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEAD + ROWS)
    with pytest.raises(BadSource, match="no time zone was given"):
        await home.ended(path, None)
    for zone in ("Europe/Atlantis", "../../etc/passwd", "Europe", "\0", "a" * 64):
        with pytest.raises(UnknownZone):
            await home.ended(path, zone)
    with pytest.raises(BadSource, match="no recorder file; it looks like csv"):
        await home.service.import_file(ImportRequest(path=str(path), format="recorder", place=Place()))


async def test_a_file_that_vanishes_before_its_turn_fails_the_job(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(HEAD + ROWS)
    job = await home.service.import_file(ImportRequest(path=str(path), place=Place()))
    path.unlink()
    await home.jobs.drain()
    ended = await home.service.import_status(job.id)
    assert ended.job.state == "failed"
    assert "there is no such file" in str(ended.job.problem)
    await nothing_stays(home)


async def test_a_truncated_plain_file_is_imported_with_a_note_that_says_so(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((HEAD + ROWS)[:-24])
    report = await home.bring_in(path)
    assert report.added == 1199
    assert {note.kind for note in report.notes} == {"bad_row", "no_last_newline"}


async def test_an_unknown_job_is_named(home: Home) -> None:
    for call in (home.service.import_status, home.service.cancel_import):
        with pytest.raises(UnknownJob, match="'nobody'"):
            await call("nobody")


def sqlite_file(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


async def test_another_programs_database_is_refused(home: Home, tmp_path: Path) -> None:
    path = sqlite_file(tmp_path / "a.db", "CREATE TABLE photos (id INTEGER)")
    assert "not one of Home Assistant's recorder" in await sentence_of(home, path)
    await nothing_stays(home)
