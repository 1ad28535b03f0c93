"""The limits of the door: requests per principal or address, wrong tokens per address."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from kernel.errors import Busy
from kernel.facade.context import Principal
from kernel.runtime.limits.bucket import Buckets
from kernel.runtime.settings.tree import LimitSettings


class Limits:
    """Raises Busy with the time to come back when an allowance is used up."""

    def __init__(self, settings: LimitSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._requests = Buckets(settings.requests_per_second, settings.burst)
        per_second = settings.failures_per_minute / 60
        self._failures = Buckets(per_second, max(1.0, settings.failures_per_minute))

    def admit(self, principal: Principal | None, address: str, path: str) -> None:
        """Count a request. Raises Busy."""
        if principal is None:
            key = "address " + address
        elif principal.role == "admin" and path.startswith("/rpc/"):
            return
        else:
            key = "token " + principal.name
        wait = self._requests.take(key, self._clock())
        if wait:
            raise Busy(what="too many requests", retry_after_seconds=_whole(wait))

    def failed(self, address: str) -> None:
        """Count a wrong token. Raises Busy when the address has sent too many."""
        wait = self._failures.take(address, self._clock())
        if wait:
            raise Busy(what="too many wrong tokens", retry_after_seconds=_whole(wait))


def _whole(seconds: float) -> float:
    """Retry-After is in whole seconds; never before there is one again."""
    return float(max(1, math.ceil(seconds)))
