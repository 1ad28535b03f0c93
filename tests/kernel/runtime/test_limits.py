"""Token buckets as a law, and what the door makes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Busy
from kernel.facade.context import Principal
from kernel.runtime.limits import Buckets, Limits
from kernel.runtime.settings.tree import LimitSettings

VIEWER = Principal(name="tablet", role="viewer")
ADMIN = Principal(name="peer", role="admin")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 50),
    gaps=st.lists(st.floats(0, 10), min_size=1, max_size=60),
)
def test_never_more_than_the_burst_and_the_refill(rate: float, burst: int, gaps: list[float]) -> None:
    buckets, now, let_in = Buckets(rate, burst), 0.0, 0
    for gap in gaps:
        now += gap
        let_in += buckets.take("a", now) == 0.0
    assert let_in <= burst + rate * now + 1e-6


@given(rate=st.floats(0.1, 100), burst=st.integers(1, 20))
def test_who_waits_as_long_as_told_is_let_in(rate: float, burst: int) -> None:
    buckets = Buckets(rate, burst)
    for _ in range(burst):
        assert buckets.take("a", 0.0) == 0.0
    wait = buckets.take("a", 0.0)
    assert wait > 0
    assert buckets.take("a", wait + 1e-6) == 0.0


@given(rate=st.floats(0.1, 100), burst=st.integers(1, 20), idle=st.floats(0, 1e6))
def test_a_long_rest_saves_up_no_more_than_the_burst(rate: float, burst: int, idle: float) -> None:
    buckets = Buckets(rate, burst)
    buckets.take("a", 0.0)
    assert sum(buckets.take("a", idle) == 0.0 for _ in range(burst + 5)) <= burst


def test_one_key_does_not_use_up_anothers_allowance() -> None:
    buckets = Buckets(1, 1)
    assert buckets.take("a", 0.0) == 0.0
    assert buckets.take("a", 0.0) > 0
    assert buckets.take("b", 0.0) == 0.0


def test_memory_is_bounded_whoever_asks() -> None:
    buckets = Buckets(1, 1, most_keys=100)
    for number in range(1000):
        buckets.take(str(number), 0.0)
    assert len(buckets) == 100


def test_a_token_is_limited_wherever_it_comes_from() -> None:
    limits = Limits(LimitSettings(requests_per_second=1, burst=2), Clock())
    limits.admit(VIEWER, "10.0.0.1", "/api/v1/x")
    limits.admit(VIEWER, "10.0.0.2", "/api/v1/x")
    with pytest.raises(Busy) as caught:
        limits.admit(VIEWER, "10.0.0.3", "/api/v1/x")
    assert caught.value.retry_after_seconds == 1.0
    limits.admit(None, "10.0.0.3", "/api/v1/x")


def test_a_peer_is_not_slowed_but_an_admin_on_the_api_is() -> None:
    limits = Limits(LimitSettings(requests_per_second=1, burst=1), Clock())
    for _ in range(10):
        limits.admit(ADMIN, "a", "/rpc/patterns/Replay/replay")
    limits.admit(ADMIN, "a", "/api/v1/x")
    with pytest.raises(Busy):
        limits.admit(ADMIN, "a", "/api/v1/x")


def test_wrong_tokens_are_counted_by_address_and_forgiven_with_time() -> None:
    clock = Clock()
    limits = Limits(LimitSettings(failures_per_minute=3), clock)
    for _ in range(3):
        limits.failed("a")
    with pytest.raises(Busy) as caught:
        limits.failed("a")
    limits.failed("b")
    clock.now = caught.value.retry_after_seconds
    limits.failed("a")
