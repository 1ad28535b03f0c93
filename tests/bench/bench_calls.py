"""What a call costs: the local port over a direct call, per call, as medians.

.venv/bin/python tests/bench/bench_calls.py          prints a table; exit code 1 when the bound is broken
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter_ns
from typing import Any

from kernel.facade import calling
from kernel.facade.local import local_port
from kernel.facade.strict import strict_port
from kernel.testing.sample import SHELF, Jar, Shelved

MOST_MICROSECONDS = 1.0
_CALLS = 20_000
_ROUNDS = 5


async def nanoseconds(call: Callable[..., Any]) -> float:
    """The median of single calls, in the best of some rounds: other programs only ever make it longer."""
    return min([await _round(call) for _ in range(_ROUNDS)])


async def _round(call: Callable[..., Any]) -> float:
    times = []
    for _ in range(_CALLS):
        began = perf_counter_ns()
        await call("plums")
        times.append(perf_counter_ns() - began)
    return median(times)


async def measure() -> dict[str, float]:
    """Microseconds per call by route; `local_over_direct` is the one with a bound."""
    service = Shelved()
    service.kept["plums"] = Jar(name="plums")
    service.calls = _Forgetful()
    local = local_port(SHELF, service, "bench")
    direct_ns, local_ns = await nanoseconds(service.jar), await nanoseconds(local.jar)
    with calling(seconds=600):
        limited_ns = await nanoseconds(local.jar)
    strict_ns = await nanoseconds(strict_port(SHELF, service, "bench").jar)
    return {
        "direct": direct_ns / 1000,
        "local": local_ns / 1000,
        "local_over_direct": (local_ns - direct_ns) / 1000,
        "local_with_deadline": limited_ns / 1000,
        "strict": strict_ns / 1000,
    }


class _Forgetful(list[str]):
    """A list of calls that does not grow while a hundred thousand are made."""

    def append(self, item: str) -> None:
        return None


def main() -> int:
    results = asyncio.run(measure())
    if "--json" in sys.argv:
        print(json.dumps(results))
    else:
        print("a call in process, median, microseconds")
        for name, value in results.items():
            print(f"  {name:<22}{value:8.2f}")
    return int(results["local_over_direct"] > MOST_MICROSECONDS)


if __name__ == "__main__":
    sys.exit(main())
