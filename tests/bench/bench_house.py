"""What the whole house costs while it waits: start to ready, memory and CPU of `homewright serve` with all modules.

    .venv/bin/python tests/bench/bench_house.py          prints a table; exit code 1 when a bound is broken

A bare Litestar behind uvicorn goes through the same in the same run; ratios can be compared between machines. `fresh`
is the first start of all, with the databases to be made; `kept` starts on a folder that has them. Starts are one after
the other and the best of some counts, because other programs only make one longer. Memory and CPU come from /proc.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import process_cost

HERE = Path(__file__).resolve().parent
MOST_START_SECONDS = 2.0
"""Wall and CPU, each."""
MOST_RESIDENT_MB = 120.0
_STARTS, _SETTLE_SECONDS, _IDLE_SECONDS = 3, 8.0, 10.0


@dataclass(frozen=True)
class Start:
    process: subprocess.Popen[str]
    wall: float
    cpu: float | None


@dataclass(frozen=True)
class Cost:
    """Seconds from the command to the first 200 of /health/ready, and what it takes to wait."""

    start_wall: float
    start_cpu: float | None
    idle_mb: float | None
    idle_cpu_percent: float | None


def house(folder: Path) -> list[str]:
    return [sys.executable, "-m", "homewright", "--data-dir", str(folder), "serve", "--port", "0"]


def start(command: list[str]) -> Start:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    said = process.stdout.readline()
    if " at http" not in said:
        process.kill()
        raise SystemExit(f"{' '.join(command)} did not start: {said!r}")
    _until_ready(urlsplit(said.rsplit(" ", 1)[1].strip()).port or 0)
    return Start(process, time.perf_counter() - began, process_cost.cpu_seconds(process.pid))


def _until_ready(port: int) -> None:
    ends = time.perf_counter() + 30
    while time.perf_counter() < ends:
        with contextlib.suppress(OSError):
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asked.request("GET", "/health/ready")
            answered = asked.getresponse().status
            asked.close()
            if answered == 200:
                return
        time.sleep(0.005)
    raise SystemExit("not ready after 30 seconds")


def stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    process.wait(30)


@contextlib.contextmanager
def last_of(commands: list[list[str]]) -> Iterator[list[Start]]:
    """Start each, one after the other, stop each before the next begins; the last stays."""
    starts = []
    try:
        for number, command in enumerate(commands, start=1):
            starts.append(start(command))
            if number < len(commands):
                stop(starts[-1].process)
        yield starts
    finally:
        if starts:
            stop(starts[-1].process)


def measure() -> dict[str, Cost]:
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folders = [Path(name) / str(number) for number in range(_STARTS)]
        bare = stack.enter_context(last_of([[sys.executable, str(HERE / "hello_server.py")]] * _STARTS))
        fresh = stack.enter_context(last_of([house(folder) for folder in folders]))
        kept = stack.enter_context(last_of([house(folders[0])] * _STARTS))
        return _idle({"bare Litestar": bare, "fresh": fresh, "kept": kept})


def _idle(started: dict[str, list[Start]]) -> dict[str, Cost]:
    """All wait at once; that costs one another nothing, and saves a minute."""
    running = {name: starts[-1].process.pid for name, starts in started.items()}
    time.sleep(_SETTLE_SECONDS)
    before = {name: process_cost.cpu_seconds(pid) for name, pid in running.items()}
    time.sleep(_IDLE_SECONDS)
    costs = {}
    for name, pid in running.items():
        used, earlier = process_cost.cpu_seconds(pid), before[name]
        costs[name] = Cost(
            start_wall=min(one.wall for one in started[name]),
            start_cpu=min((one.cpu for one in started[name] if one.cpu is not None), default=None),
            idle_mb=process_cost.resident_mb(pid),
            idle_cpu_percent=None if used is None or earlier is None else (used - earlier) / _IDLE_SECONDS * 100,
        )
    return costs


def broken(costs: dict[str, Cost]) -> list[str]:
    found = []
    for name in ("fresh", "kept"):
        cost = costs[name]
        if max(cost.start_wall, cost.start_cpu or 0) >= MOST_START_SECONDS:
            found.append(f"{name}: start to ready takes {MOST_START_SECONDS} s or more")
        if (cost.idle_mb or 0) >= MOST_RESIDENT_MB:
            found.append(f"{name}: {MOST_RESIDENT_MB:.0f} MB or more are resident at idle")
    return found


def draw(costs: dict[str, Cost]) -> None:
    print(f"{'start to ready, and at idle':<28}{'wall s':>9}{'CPU s':>9}{'RSS MB':>9}{'CPU %':>9}")
    bare = costs["bare Litestar"]
    for name, cost in costs.items():
        print(f"  {name:<26}{cost.start_wall:9.2f}{_cell(cost.start_cpu, 2)}{_cell(cost.idle_mb, 1)}", end="")
        print(_cell(cost.idle_cpu_percent, 2))
    kept = costs["kept"]
    print(f"  {'kept, times bare':<26}{kept.start_wall / bare.start_wall:9.1f}", end="")
    print(_times(kept.start_cpu, bare.start_cpu) + _times(kept.idle_mb, bare.idle_mb))
    if not process_cost.known():
        print("  memory and CPU cannot be measured here: there is no /proc")
    for sentence in broken(costs):
        print(f"  BROKEN {sentence}")


def _cell(value: float | None, digits: int) -> str:
    return f"{'–' if value is None else format(value, f'.{digits}f'):>9}"


def _times(ours: float | None, bare: float | None) -> str:
    return _cell(ours / bare if ours is not None and bare else None, 1)


def main() -> int:
    costs = measure()
    if "--json" in sys.argv:
        print(json.dumps({name: asdict(cost) for name, cost in costs.items()} | {"broken": broken(costs)}))
    else:
        draw(costs)
    return 1 if broken(costs) else 0


if __name__ == "__main__":
    sys.exit(main())
