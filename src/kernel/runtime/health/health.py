"""Runs the checks and keeps their answer for a moment, so that asking often costs nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated

from msgspec import Meta

from kernel.errors import Fault
from kernel.facade.values import Value

Check = Callable[[], Awaitable[str | None]]
"""None when all is well, else what is wrong and what to do, as a sentence."""

KEPT_SECONDS = 1.0


class CheckResult(Value, frozen=True, kw_only=True):
    """One check. `problem` is None when it passed."""

    name: str
    problem: str | None = None
    seconds: Annotated[float, Meta(ge=0.0)]


class Readiness(Value, frozen=True, kw_only=True):
    """All checks, by name."""

    ready: bool
    checks: tuple[CheckResult, ...]

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        return tuple(check for check in self.checks if check.problem is not None)


class Health:
    """The checks of the house. `add` more while it is built; `ready` asks them all."""

    def __init__(self, checks: Mapping[str, Check] | None = None, check_seconds: float = 2.0) -> None:
        self._checks: dict[str, Check] = dict(checks or {})
        self._seconds = check_seconds
        self._lock = asyncio.Lock()
        self._last: Readiness | None = None
        self._asked = float("-inf")

    def add(self, name: str, check: Check) -> None:
        """Raises ValueError if the name is taken: a check must not silently replace another."""
        if name in self._checks:
            raise ValueError(f"there is a health check named {name!r} already")
        self._checks[name] = check

    async def ready(self) -> Readiness:
        """Every check's answer, at most a second old."""
        async with self._lock:
            if self._last is None or time.monotonic() - self._asked > KEPT_SECONDS:
                names = sorted(self._checks)
                results = await asyncio.gather(*(self._run(name, self._checks[name]) for name in names))
                self._last = Readiness(ready=all(result.problem is None for result in results), checks=tuple(results))
                self._asked = time.monotonic()
            return self._last

    async def _run(self, name: str, check: Check) -> CheckResult:
        began = time.perf_counter()
        problem = await self._problem(check)
        return CheckResult(name=name, problem=problem, seconds=time.perf_counter() - began)

    async def _problem(self, check: Check) -> str | None:
        try:
            async with asyncio.timeout(self._seconds):
                return await check()
        except TimeoutError:
            return f"no answer within {self._seconds:g} s"
        except Fault as fault:
            return str(fault)
        except Exception as bug:
            return f"the check itself failed with {type(bug).__name__}: see the log"
