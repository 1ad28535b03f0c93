"""The trail on real databases: once per envelope, never past a broken end, and every hostile edit found."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kernel.data import Database, Tx, migrate
from kernel.errors import Conflict
from kernel.facade import Context
from kernel.facade.context import enter, leave
from kernel.facade.event import Envelope
from kernel.testing.databases import Databases
from modules.audit.errors import TrailBroken
from modules.audit.internal.domain.chain import Row
from modules.audit.internal.service import CHECKPOINT_EVERY, TrailService
from modules.audit.internal.tables import metadata
from modules.audit.types import BadRecord, TrailQuestion

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ALL = TrailQuestion()


def envelope(number: int, **changes: object) -> Envelope:
    values: dict[str, object] = {
        "id": f"e{number}",
        "topic": "patterns.HabitsFound" if number % 2 else "automation.SuggestionAdded",
        "key": "k",
        "occurred_at": NOON + timedelta(seconds=number),
        "actor": "alice" if number % 3 else "Zoë",
        "payload": json.dumps({"number": number, "text": 'a "quoted" Zoë\n'}, ensure_ascii=False),
    }
    return Envelope(**{**values, **changes})  # type: ignore[arg-type]


async def fill(trail: TrailService, count: int, start: int = 1) -> None:
    for number in range(start, start + count):
        await trail.record(envelope(number))


async def tamper(database: Database, *statements: str) -> None:
    """What someone does who owns the database."""

    def work(tx: Tx) -> None:
        if tx.dialect.name == "sqlite":
            for name in ("records_never_change", "records_never_go", "records_are_never_replaced"):
                tx.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        else:
            tx.exec_driver_sql("ALTER TABLE records DISABLE TRIGGER USER")
        for statement in statements:
            tx.execute(text(statement))

    await database.write(work)


async def first_bad(trail: TrailService) -> BadRecord:
    bad = (await trail.verify()).first_bad
    assert bad is not None, "tampering went unseen"
    return bad


async def test_records_follow_each_other_and_verify(trail: TrailService) -> None:
    await fill(trail, 5)
    verdict = await trail.verify()
    records = await trail.search(ALL)
    assert (verdict.intact, verdict.records, verdict.head) == (True, 5, records[-1].hash)
    assert [record.sequence for record in records] == [1, 2, 3, 4, 5]
    assert [record.envelope for record in records] == [envelope(number) for number in range(1, 6)]


async def test_the_same_envelope_twice_is_one_record(trail: TrailService) -> None:
    first = await trail.record(envelope(1))
    await trail.hear(envelope(1))
    await trail.hear(envelope(1))
    assert await trail.record(envelope(1)) == first
    assert await trail.search(ALL) == (first,)


async def test_the_same_id_with_another_content_is_refused(trail: TrailService) -> None:
    await trail.record(envelope(1))
    with pytest.raises(Conflict, match="another content"):
        await trail.record(envelope(1, payload="{}"))


async def test_a_repeated_call_with_its_key_gets_the_stored_reply(trail: TrailService) -> None:
    token = enter(Context(received="key-1"))
    try:
        first = await trail.record(envelope(1))
        assert await trail.record(envelope(1)) == first
    finally:
        leave(token)


async def test_concurrent_events_make_one_chain(trail: TrailService) -> None:
    await asyncio.gather(*(trail.hear(envelope(number)) for number in range(1, 31)))
    assert (await trail.verify()).records == 30


async def test_search_finds_by_topic_actor_and_time(trail: TrailService) -> None:
    await fill(trail, 9)

    async def numbers(**asked: object) -> list[int]:
        return [record.sequence for record in await trail.search(TrailQuestion(**asked))]  # type: ignore[arg-type]

    assert await numbers(topic="patterns.HabitsFound") == [1, 3, 5, 7, 9]
    assert await numbers(topic="automation.*") == [2, 4, 6, 8]
    assert await numbers(topic="auto_ation.*") == []
    assert await numbers(actor="Zoë") == [3, 6, 9]
    assert await numbers(since=NOON + timedelta(seconds=4), until=NOON + timedelta(seconds=6)) == [4, 5]
    assert await numbers(after_sequence=3, limit=2) == [4, 5]


async def test_export_gives_all_whatever_the_limit(trail: TrailService) -> None:
    await fill(trail, 12)
    found = [record.sequence async for record in trail.export(TrailQuestion(limit=1, after_sequence=2))]
    assert found == list(range(3, 13))


@pytest.mark.parametrize(
    "statement",
    ["UPDATE records SET actor = 'mallory'", "DELETE FROM records", "DELETE FROM records WHERE sequence = 2"],
)
async def test_the_database_refuses_to_change_records(trail: TrailService, database: Database, statement: str) -> None:
    await fill(trail, 3)
    with pytest.raises(DBAPIError, match="append-only"):
        await database.write(lambda tx: tx.execute(text(statement)))


async def test_sqlite_refuses_to_replace_a_record(trail: TrailService, database: Database) -> None:
    await fill(trail, 3)
    if database.dialect == "sqlite":
        copy = "INSERT OR REPLACE INTO records SELECT * FROM records WHERE sequence = 2"
    else:
        copy = "TRUNCATE records"
    with pytest.raises(DBAPIError, match="append-only"):
        await database.write(lambda tx: tx.execute(text(copy)))


@pytest.mark.parametrize("column", [field.name for field in fields(Row) if field.name != "sequence"])
async def test_a_changed_column_is_found_at_its_record(trail: TrailService, database: Database, column: str) -> None:
    await fill(trail, 7)
    change = "occurred_us + 1" if column == "occurred_us" else f"replace({column}, substr({column}, 1, 1), '~')"
    await tamper(database, f"UPDATE records SET {column} = {change} WHERE sequence = 4")
    bad = await first_bad(trail)
    assert bad.sequence == 4
    assert bad.reason.startswith("changed")


async def test_bytes_that_are_no_text_are_found_at_their_record(trail: TrailService, database: Database) -> None:
    await fill(trail, 7)
    if database.dialect == "sqlite":
        broken = "CAST(CAST(substr(envelope, 1, 10) AS BLOB) || x'ff' || substr(envelope, 12) AS TEXT)"
    else:
        broken = "substr(envelope, 1, 10) || chr(1) || substr(envelope, 12)"
    await tamper(database, f"UPDATE records SET envelope = {broken} WHERE sequence = 4")
    assert (await first_bad(trail)).sequence == 4
    with pytest.raises(TrailBroken, match="record 4"):
        await trail.search(ALL)


async def test_a_deleted_record_is_missing(trail: TrailService, database: Database) -> None:
    await fill(trail, 7)
    await tamper(database, "DELETE FROM records WHERE sequence = 4")
    assert await first_bad(trail) == BadRecord(sequence=4, reason="missing: the next one is record 5")


async def test_swapped_records_are_out_of_order(trail: TrailService, database: Database) -> None:
    await fill(trail, 7)
    await tamper(
        database,
        "UPDATE records SET sequence = 100 WHERE sequence = 3",
        "UPDATE records SET sequence = 3 WHERE sequence = 5",
        "UPDATE records SET sequence = 5 WHERE sequence = 100",
    )
    assert await first_bad(trail) == BadRecord(
        sequence=3, reason="out of order: what stands here was written as record 5"
    )


async def test_a_clean_stop_keeps_the_end(
    trail: TrailService, database: Database, open_trail: Callable[[], TrailService]
) -> None:
    await fill(trail, 7)
    await trail.keep_checkpoint()
    await tamper(database, "DELETE FROM records WHERE sequence > 5")
    bad = await first_bad(open_trail())
    assert bad.sequence == 6
    assert bad.reason.startswith("cut off")


async def test_a_killed_process_leaves_its_last_regular_checkpoint(
    trail: TrailService, database: Database, open_trail: Callable[[], TrailService]
) -> None:
    await fill(trail, CHECKPOINT_EVERY + 3)
    await tamper(database, f"DELETE FROM records WHERE sequence > {CHECKPOINT_EVERY - 1}")
    bad = await first_bad(open_trail())
    assert (bad.sequence, bad.reason.startswith("cut off")) == (CHECKPOINT_EVERY, True)


async def test_a_start_keeps_what_a_killed_process_had_recorded(
    trail: TrailService, database: Database, open_trail: Callable[[], TrailService]
) -> None:
    await fill(trail, 7)
    await open_trail().start()
    await tamper(database, "DELETE FROM records WHERE sequence = 7")
    assert (await first_bad(open_trail())).sequence == 7


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE records SET actor = 'mallory' WHERE sequence = 7", 7),
        ("UPDATE records SET hash = previous_hash WHERE sequence = 7", 7),
        ("DELETE FROM records WHERE sequence = 7", 7),
        ("DELETE FROM records WHERE sequence = 6", 6),
        ("DELETE FROM records", 1),
    ],
)
async def test_nothing_is_appended_to_a_broken_end(
    trail: TrailService, database: Database, open_trail: Callable[[], TrailService], statement: str, place: int
) -> None:
    await fill(trail, 7)
    await trail.keep_checkpoint()
    await tamper(database, statement)
    restarted = open_trail()
    await restarted.start()
    for one in (trail, restarted):
        with pytest.raises(TrailBroken) as broken:
            await one.record(envelope(8))
        assert broken.value.sequence in (place, place + 1)
        assert "nothing is recorded" in (await one.check() or "")
    assert (await first_bad(trail)).sequence == place


async def test_a_damaged_checkpoint_file_is_told(
    trail: TrailService, open_trail: Callable[[], TrailService], tmp_path: Path
) -> None:
    await fill(trail, 3)
    await trail.keep_checkpoint()
    file = tmp_path / "checkpoints.ndjson"
    file.write_bytes(file.read_bytes().replace(b'"sequence":3', b'"sequence":x'))
    restarted = open_trail()
    await restarted.start()
    with pytest.raises(TrailBroken, match="checkpoint file"):
        await restarted.record(envelope(4))
    assert "line 2 of the checkpoint file" in (await first_bad(restarted)).reason


async def test_a_torn_checkpoint_is_dropped_and_written_anew(
    trail: TrailService, open_trail: Callable[[], TrailService], tmp_path: Path
) -> None:
    await fill(trail, 3)
    file = tmp_path / "checkpoints.ndjson"
    with file.open("ab") as lines:
        lines.write(b'{"sequence":2,"ha')
    restarted = open_trail()
    await restarted.start()
    verdict = await restarted.verify()
    assert (verdict.intact, verdict.checkpoints) == (True, 2)
    assert [json.loads(line)["sequence"] for line in file.read_text().splitlines()] == [1, 3]


async def test_a_stranger_verifies_an_export_with_the_program_in_the_document(
    trail: TrailService, tmp_path: Path
) -> None:
    import msgspec

    await fill(trail, 9)
    lines = [msgspec.json.encode(record).decode() async for record in trail.export(ALL)]
    document = (migrate.migrations_root().parent / "docs" / "trail.md").read_text("utf-8")
    program = tmp_path / "verify.py"
    program.write_text(document.split("```python\n")[1].split("```")[0], "utf-8")

    def run(content: list[str]) -> subprocess.CompletedProcess[str]:
        export = tmp_path / "trail.ndjson"
        export.write_text("".join(f"{line}\n" for line in content), "utf-8")
        return subprocess.run([sys.executable, program, export], capture_output=True, text=True, check=False)

    verdict = await trail.verify()
    assert run(lines).stdout == f"9 records, head {verdict.head}\n"
    assert (
        "record 5 is not"
        in run([line.replace("e5", "e6") if at == 4 else line for at, line in enumerate(lines)]).stderr
    )
    assert "record 3 is not" in run([*lines[:2], *lines[3:]]).stderr


async def test_the_migrated_tables_are_the_declared_ones(databases: Databases) -> None:
    async with databases.migrated("audit", metadata):
        assert migrate.check("audit", databases.url, metadata) == ()
