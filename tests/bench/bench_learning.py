"""What a home's past costs: rows imported per second, and the time and memory of one learning, on 12 and 26 weeks.

    .venv/bin/python tests/bench/bench_learning.py       prints a table; exit code 1 when a bound is broken

Each has a plain reference in the same run, so that machines can be compared: the import (read, judge, stage, sort,
write months, all of it durable) against `csv.reader` that only counts the same rows; the learning against `numpy.sort`
of the same columns. Every measurement has a process of its own, and is the best of some.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import process_cost
import uvloop

from homewright.house import open_house
from kernel.data import Database
from kernel.runtime.settings import load
from modules.patterns import History
from modules.patterns.internal.domain.learn import learn
from modules.patterns.internal.history.folder import Folder
from modules.patterns.internal.history.library import Library
from modules.patterns.types import ImportRequest, LearnRequest, Place
from modules.training.internal.simulation.home import Order
from modules.training.internal.simulation.writing import SimulatedHome, simulate_home

FIRST_DAY = date(2026, 1, 5)
"""As in the demo."""
WEEKS = (12, 26)
LEAST_SHARE_OF_READER = 0.04
MOST_LEARN_SECONDS = 10.0
MOST_LEARN_MB = 100.0
MOST_GROWTH = 2.0
"""Per change of state, from the shorter past to the longer: a miner that squares would show here."""
_IMPORTS, _LEARNINGS, _PLAIN = 3, 3, 7


def fastest(times: int, work: Callable[[], object]) -> float:
    """Seconds of the best of some: other programs only ever make one longer."""
    return min(_seconds(work) for _ in range(times))


def _seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def importing(folder: Path, weeks: int) -> dict[str, float]:
    """Simulate a home and import it; the last import is left for `learning`."""
    home = simulate_home(folder, Order(2, weeks, "couple", first=FIRST_DAY))
    seconds = min(uvloop.run(_import(folder / f"data{number}", home)) for number in range(_IMPORTS))
    plain = fastest(_PLAIN, lambda: _count(home.history))
    return {"rows": home.rows, "rows_per_second": home.rows / seconds, "reader_per_second": home.rows / plain}


async def _import(data: Path, home: SimulatedHome) -> float:
    async with open_house(load({"HOMEWRIGHT_DATA_DIR": str(data)}), only=("patterns",)) as house:
        place = Place(zone=home.zone, latitude=home.latitude, longitude=home.longitude)
        began = perf_counter()
        job = await house.port(History).import_file(ImportRequest(path=str(home.history), place=place))
        await house.settle()
        seconds = perf_counter() - began
        status = await house.port(History).import_status(job.id)
        assert status.report is not None, status
        assert status.report.rows == home.rows, status
    return seconds


def _count(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.reader(stream))


async def learning(folder: Path, weeks: int) -> dict[str, float | None]:
    settings = load({"HOMEWRIGHT_DATA_DIR": str(folder / f"data{_IMPORTS - 1}")})
    database = await Database.open("patterns", settings.database_url("patterns"))
    with ThreadPoolExecutor(1) as heavy:
        log = await Library(database, Folder(settings.data_dir / "patterns"), heavy).log()
    await database.close()
    columns = (log.times, log.entities, log.states, log.origins)
    sort = fastest(_PLAIN, lambda: [np.sort(column) for column in columns])
    before = process_cost.resident_mb(os.getpid())
    now = datetime(2026, 1, 1, tzinfo=UTC)
    seconds = fastest(_LEARNINGS, lambda: learn(replace(log), LearnRequest(), now, lambda *stage: None))
    peak = process_cost.peak_mb(os.getpid())
    return {
        "learn_seconds": seconds,
        "sort_seconds": sort,
        "columns_mb": sum(column.nbytes for column in columns) / 2**20,
        "learn_mb": None if peak is None or before is None else peak - before,
    }


def in_a_process(what: str, folder: Path, weeks: int) -> dict[str, Any]:
    command = [sys.executable, __file__, what, str(folder), str(weeks)]
    found: dict[str, Any] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return found


def measure() -> dict[int, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as name:
        return {weeks: _of(Path(name) / str(weeks), weeks) for weeks in WEEKS}


def _of(folder: Path, weeks: int) -> dict[str, Any]:
    found = in_a_process("importing", folder, weeks) | in_a_process("learning", folder, weeks)
    found["share_of_reader"] = found["rows_per_second"] / found["reader_per_second"]
    found["times_sort"] = found["learn_seconds"] / found["sort_seconds"]
    return found


def growth(found: dict[int, dict[str, Any]]) -> float:
    short, long = (found[weeks]["learn_seconds"] / found[weeks]["rows"] for weeks in WEEKS)
    return float(long / short)


def broken(found: dict[int, dict[str, Any]]) -> list[str]:
    sentences = [f"a change costs {growth(found):.1f} times as much in the longer past"]
    sentences = sentences if growth(found) > MOST_GROWTH else []
    for weeks, one in found.items():
        if one["share_of_reader"] < LEAST_SHARE_OF_READER:
            sentences.append(f"{weeks} weeks: imported at less than {LEAST_SHARE_OF_READER:.0%} of csv.reader's rate")
        if one["learn_seconds"] > MOST_LEARN_SECONDS:
            sentences.append(f"{weeks} weeks: learned in more than {MOST_LEARN_SECONDS:.0f} s")
        if (one["learn_mb"] or 0) > MOST_LEARN_MB:
            sentences.append(f"{weeks} weeks: learning took more than {MOST_LEARN_MB:.0f} MB")
    return sentences


def draw(found: dict[int, dict[str, Any]]) -> None:
    for weeks, one in found.items():
        memory = "unknown: there is no /proc" if one["learn_mb"] is None else f"{one['learn_mb']:.0f} MB"
        print(f"{weeks} weeks, {one['rows']:,} changes, {one['columns_mb']:.1f} MB of columns")
        print(f"  import   {one['rows_per_second']:>10,.0f} rows/s, {one['share_of_reader']:.0%} of", end=" ")
        print(f"csv.reader's {one['reader_per_second']:,.0f}")
        print(f"  learn    {one['learn_seconds']:>10.2f} s, {one['times_sort']:,.0f} sorts of", end=" ")
        print(f"{one['sort_seconds'] * 1000:.1f} ms; at its peak {memory} more than before")
    print(f"a change costs {growth(found):.2f} times as much to learn from in the longer past")
    for sentence in broken(found):
        print(f"  BROKEN {sentence}")


def main() -> int:
    if len(sys.argv) == 4:
        what, folder, weeks = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
        print(json.dumps(importing(folder, weeks) if what == "importing" else uvloop.run(learning(folder, weeks))))
        return 0
    found = measure()
    if "--json" in sys.argv:
        print(json.dumps(found | {"growth": growth(found), "broken": broken(found)}))
    else:
        draw(found)
    return 1 if broken(found) else 0


if __name__ == "__main__":
    sys.exit(main())
