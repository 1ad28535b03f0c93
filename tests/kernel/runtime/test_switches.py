"""The history of switches survives, in order, per facade."""

from __future__ import annotations

from datetime import UTC, datetime

from kernel.data import Database
from kernel.facade.switch import SwitchRecord
from kernel.runtime.switches import KeptSwitches


def record(facade: str, **changes: str) -> SwitchRecord:
    at = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
    values = {"state": "remote", "peer_url": "http://h:1", "changed_by": "ann", "reason": "trial"} | changes
    return SwitchRecord(facade=facade, changed_at=at, **values)  # type: ignore[arg-type]


async def test_what_was_appended_is_loaded_oldest_first(kernel_database: Database) -> None:
    kept = KeptSwitches(kernel_database)
    first, second = record("patterns/Replay"), record("patterns/Replay", operation="replay", state="local")
    for one in (first, record("audit/Trail"), second):
        await kept.append(one)
    assert list(await KeptSwitches(kernel_database).load("patterns/Replay")) == [first, second]


async def test_the_newest_number_rises_with_every_record(kernel_database: Database) -> None:
    kept = KeptSwitches(kernel_database)
    assert await kept.newest() == 0
    await kept.append(record("a/B"))
    before = await kept.newest()
    await kept.append(record("a/C"))
    assert await kept.newest() > before > 0
