"""What a question to the past costs. `python tests/bench/bench_history.py` prints a table (`--changes N`: other sizes).

A year of 200 entities is generated (seeded; a few of them speak most, as in real homes), imported through the facade
of a real house in a temporary folder, continued by 4,800 live changes (as many as wait outside the months' files), and
asked through its ports: what a caller waits for, database and threads included. Nothing is cached in the program; the
files are in the system's cache. Each kind of question is asked of entities and times drawn at random, and each p95 is
also shown as a ratio to a plain numpy scan of the whole year in memory, in the same run, so that machines compare.
Meanwhile the longest wait of the event loop is measured. Exit code 1 if a p95 is above 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import numpy as np

from homewright.house import House, open_house
from kernel.runtime.settings import load
from modules.patterns import History
from modules.patterns.types import (
    AsOfQuestion,
    CountsQuestion,
    DurationQuestion,
    HistoryBatch,
    ImportRequest,
    LastQuestion,
    Place,
    StateChange,
    TimelineQuestion,
    Window,
)

START = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 365
ENTITIES = 200
LIVE = 4_800
ASKED = 60
MOST_MS = 50.0


def names() -> list[str]:
    kinds = ("binary_sensor.motion", "sensor.power", "light.lamp", "switch.plug", "cover.blind")
    return [f"{kinds[number % len(kinds)]}_{number}" for number in range(ENTITIES)]


def write_year(path: Path, changes: int) -> None:
    """A CSV file with about so many changes."""
    draw = np.random.default_rng(3)
    share = draw.pareto(1.0, ENTITIES) + 0.05
    entities = np.sort(draw.choice(ENTITIES, changes, p=share / share.sum()))
    seconds = draw.integers(0, DAYS * 86_400, changes)
    order = np.lexsort((seconds, entities))
    entities, seconds = entities[order], seconds[order]
    nth = np.arange(changes) - np.searchsorted(entities, entities)
    known = names()
    states = np.where(nth % 2 == 0, "on", "off").astype(object)
    power = np.array([name.startswith("sensor.") for name in known])[entities]
    states[power] = draw.integers(0, 2000, int(power.sum())).astype(str)
    back = np.lexsort((entities, seconds))
    stamps = np.datetime_as_string(np.datetime64(START.replace(tzinfo=None), "s") + seconds[back], unit="s")
    with path.open("w", encoding="utf-8") as file:
        file.write("time_local,entity_id,state\n")
        columns = zip(stamps.tolist(), entities[back].tolist(), states[back].tolist(), strict=True)
        file.writelines(f"{stamp}Z,{known[entity]},{state}\n" for stamp, entity, state in columns)


async def bring_in(house: House, path: Path) -> None:
    history = house.port(History)
    job = await history.import_file(ImportRequest(path=str(path), place=Place(zone="Europe/Berlin")))
    while not (status := await history.import_status(job.id)).job.ended:
        await asyncio.sleep(0.1)
    assert status.job.state == "done", status.job.problem


async def live_on(house: House) -> None:
    """Changes of the last hour that no file holds yet: the tail, about as long as it gets."""
    random, known = Random(6), names()
    end = START + timedelta(days=DAYS)
    changes = (
        StateChange(at=end - timedelta(seconds=random.uniform(0, 3600)), entity_id=random.choice(known), state=state)
        for state in ("on", "off") * (LIVE // 2)
    )
    await house.port(History).import_history(HistoryBatch(changes=tuple(changes)))


Ask = Callable[[Random], Awaitable[object]]


def questions(history: History) -> dict[str, Ask]:
    known = names()

    def when(random: Random) -> datetime:
        return START + timedelta(seconds=random.uniform(86_400, DAYS * 86_400))

    async def stream(question: TimelineQuestion) -> int:
        return len([change async for change in history.timeline(question)])

    def week(random: Random) -> Window:
        start = when(random)
        return Window(start=start, end=start + timedelta(days=7))

    year = Window(start=START, end=START + timedelta(days=DAYS))
    return {
        "last change": lambda r: history.last_change(LastQuestion(entity_id=r.choice(known))),
        "last into a state": lambda r: history.last_change(
            LastQuestion(entity_id=r.choice(known), state="off", before=when(r))
        ),
        "last into a state it never had": lambda r: history.last_change(
            LastQuestion(entity_id=r.choice(known), state="playing")
        ),
        "duration, a week": lambda r: history.duration(
            DurationQuestion(entity_id=r.choice(known), state="on", window=week(r))
        ),
        "duration, the year": lambda r: history.duration(
            DurationQuestion(entity_id=r.choice(known), state="on", window=year)
        ),
        "counts by hour, the year": lambda r: history.counts(CountsQuestion(entity_id=r.choice(known), state="on")),
        "as of an instant, all entities": lambda r: history.as_of(AsOfQuestion(at=when(r))),
        "timeline, an entity's next 100": lambda r: stream(
            TimelineQuestion(entity_ids=(r.choice(known),), start=when(r), limit=100)
        ),
        "timeline, an hour of the home": lambda r: stream(
            (lambda start: TimelineQuestion(start=start, end=start + timedelta(hours=1)))(when(r))
        ),
        "summary": lambda r: history.summary(),
    }


async def latencies(ask: Ask) -> np.ndarray:
    random, taken = Random(5), []
    for _ in range(ASKED):
        begun = time.perf_counter()
        await ask(random)
        taken.append((time.perf_counter() - begun) * 1000)
    return np.array(taken)


def plain_scan(changes: int) -> float:
    """Milliseconds to find one entity's rows of the year by comparing all of them, and to count their hours."""
    draw = np.random.default_rng(4)
    times = np.sort(draw.integers(0, DAYS * 86_400_000, changes))
    entities = draw.integers(0, ENTITIES, changes).astype(np.int32)
    taken = []
    for entity in range(15):
        begun = time.perf_counter()
        np.bincount(times[entities == entity] // 3_600_000 % 168, minlength=168)
        taken.append((time.perf_counter() - begun) * 1000)
    return float(np.median(taken))


async def pauses(longest: list[float]) -> None:
    """The longest time that the event loop let a 1 ms sleep wait."""
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(0.001)
        longest[0] = max(longest[0], (time.perf_counter() - begun) * 1000 - 1)


async def measure(folder: Path, changes: int) -> bool:
    await asyncio.to_thread(write_year, folder / "year.csv", changes)
    scan, good = plain_scan(changes), True
    async with open_house(load({}, None, {"data_dir": str(folder / "data")}), ["patterns"]) as house:
        async with house.working():
            begun = time.perf_counter()
            await bring_in(house, folder / "year.csv")
            print(
                f"{changes} changes of {ENTITIES} entities in {DAYS} days; import {time.perf_counter() - begun:.1f} s"
            )
        await live_on(house)
        print(f"plain numpy scan of the year in memory: {scan:.2f} ms\n")
        print(f"{'question':34}{'p50 ms':>9}{'p95 ms':>9}{'p95 / scan':>12}{'loop waits ms':>15}")
        for name, ask in questions(house.port(History)).items():
            longest = [0.0]
            watching = asyncio.create_task(pauses(longest))
            taken = await latencies(ask)
            watching.cancel()
            p50, p95 = np.quantile(taken, (0.5, 0.95))
            print(f"{name:34}{p50:9.2f}{p95:9.2f}{p95 / scan:12.1f}{longest[0]:15.2f}")
            good &= bool(p95 < MOST_MS)
    return good


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--changes", type=int, default=1_500_000)
    with tempfile.TemporaryDirectory() as folder:
        good = asyncio.run(measure(Path(folder), parser.parse_args().changes))
    sys.exit(not good)


if __name__ == "__main__":
    main()
