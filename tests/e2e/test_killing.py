"""kill -9 at random moments of a whole house: nothing acknowledged is lost or applied twice, and the trail holds."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from e2e.life import change
from homewright.house import open_house
from kernel.data import Tx
from kernel.runtime.settings import load
from kernel.testing.killing import Ordeal, kill_repeatedly, kills_wanted
from modules.audit import Trail
from modules.audit.types import TrailQuestion
from modules.patterns import History
from modules.patterns.types import StateChange, TimelineQuestion

ROWS = 60_000


def write_source(path: Path) -> list[tuple[datetime, str, str]]:
    """A file that takes long enough to import to be killed in the middle."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [(start + timedelta(seconds=20 * n), f"light.lamp_{n % 7}", str(n % 3)) for n in range(ROWS)]
    lines = (f"{at:%Y-%m-%d %H:%M:%S},{entity},{state}\n" for at, entity, state in rows)
    path.write_text("time_local,entity_id,state\n" + "".join(lines))
    return rows


@dataclass(frozen=True)
class Found:
    """What is in the house afterwards. `told`: ids of the events in the outboxes; `heard`: those in the trail."""

    changes: list[StateChange]
    told: Counter[str]
    heard: Counter[str]
    imports: int
    intact: bool


async def found_in(data: Path) -> Found:
    async with open_house(load({"HOMEWRIGHT_DATA_DIR": str(data)})) as house:
        await house.settle()
        changes = [one async for one in house.port(History).timeline(TimelineQuestion())]
        trail = house.port(Trail)
        heard = [one.envelope async for one in trail.export(TrailQuestion())]
        told = [row for hosted in house.hosted.values() for row in await hosted.database.read(told_in)]
        imports = sum("history.csv" in one.payload for one in heard if one.topic == "patterns.HistoryImported")
        intact = (await trail.verify()).intact
        return Found(changes, Counter(told), Counter(one.id for one in heard), imports, intact)


def told_in(tx: Tx) -> list[str]:
    return [row.id for row in tx.exec_driver_sql("SELECT id FROM house_outbox")]


async def test_a_killed_house_keeps_its_promises(tmp_path: Path) -> None:
    source, data = tmp_path / "history.csv", tmp_path / "data"
    rows = write_source(source)
    command = [sys.executable, str(Path(__file__).with_name("life.py")), str(data), str(source)]
    ordeal: Ordeal = kill_repeatedly(command, times=kills_wanted(3), seed=11, longest_seconds=0.6)
    assert ordeal.kills == kills_wanted(3)

    found = await found_in(data)
    imported = [(one.at, one.entity_id, one.state) for one in found.changes if one.entity_id != "light.told"]
    assert imported == rows
    told = [one for one in found.changes if one.entity_id == "light.told"]
    promised = {int(line.removeprefix("change ")) for line in ordeal.kept if line.startswith("change ")}
    assert len(promised) > 10
    assert told[: len(promised)] == [change(number) for number in range(len(promised))]
    assert len(told) <= len(promised) + 1
    assert len({line for line in ordeal.kept if line.startswith("import ")}) == 1
    assert found.imports == 1
    assert found.told == found.heard, "an event was lost, or heard twice"
    assert found.intact
