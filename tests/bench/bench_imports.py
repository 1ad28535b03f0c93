"""What it costs to ask for a module's facade: the time, the memory, and what else comes along.

    .venv/bin/python tests/bench/bench_imports.py        prints a table; exit code 1 when a bound is broken

Each in a Python process of its own, beside one that loads `asyncio`, which every caller has.
tests/architecture/test_idle_imports.py holds the same promise, and that of other packages, in every run of the tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from time import perf_counter
from typing import Any

import process_cost

MODULES = ("modules.audit", "modules.patterns", "modules.automation")
FRAMEWORKS = ("sqlalchemy", "litestar", "numpy")
_REFERENCE, _ROUNDS = "asyncio", 5


def in_this_process(name: str) -> dict[str, Any]:
    before, began = process_cost.resident_mb(os.getpid()), perf_counter()
    __import__(name)
    seconds, after = perf_counter() - began, process_cost.resident_mb(os.getpid())
    mb = None if before is None or after is None else after - before
    return {"ms": seconds * 1000, "mb": mb, "loaded": [one for one in FRAMEWORKS if one in sys.modules]}


def in_another(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(subprocess.run([sys.executable, __file__, name], stdout=-1, check=True).stdout)
    return found


def measure() -> dict[str, dict[str, Any]]:
    rounds = [{name: in_another(name) for name in (_REFERENCE, *MODULES)} for _ in range(_ROUNDS)]
    return {name: min((one[name] for one in rounds), key=lambda one: one["ms"]) for name in rounds[0]}


def draw(found: dict[str, dict[str, Any]]) -> None:
    print(f"{'import of':<22}{'ms':>8}{'MB':>8}   loads")
    for name, one in found.items():
        mb = "–" if one["mb"] is None else f"{one['mb']:.1f}"
        print(f"  {name:<20}{one['ms']:8.1f}{mb:>8}   {', '.join(one['loaded']) or 'none of ' + ', '.join(FRAMEWORKS)}")


def main() -> int:
    names = [one for one in sys.argv[1:] if not one.startswith("--")]
    if names:
        print(json.dumps(in_this_process(names[0])))
        return 0
    found = measure()
    if "--json" in sys.argv:
        print(json.dumps(found))
    else:
        draw(found)
    return int(any(one["loaded"] for one in found.values()))


if __name__ == "__main__":
    sys.exit(main())
