"""Two tiers: fast, bounded, and never in the way."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.runtime.cache import Cache
from kernel.runtime.settings.tree import CacheSettings

SETTINGS = CacheSettings(memory_bytes=10_000, disk_bytes=262_144)
KINDS = {"sun": 60.0, "answer": 5.0}


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def cache(tmp_path: Path, clock: Clock) -> AsyncIterator[Cache]:
    made = Cache(tmp_path / "cache.db", SETTINGS, KINDS, clock)
    yield made
    await made.close()


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def figures(cache: Cache, kind: str) -> tuple[int, int, int]:
    (found,) = [one for one in cache.figures() if one.kind == kind]
    return found.memory, found.file, found.missed


async def test_what_was_put_is_found_in_memory_first(cache: Cache) -> None:
    assert await cache.get("sun", "today") is None
    await cache.put("sun", "today", b"07:12")
    assert await cache.get("sun", "today") == b"07:12"
    assert figures(cache, "sun") == (1, 0, 1)


async def test_what_left_memory_is_found_in_the_file_and_taken_up_again(cache: Cache) -> None:
    for number in range(50):
        await cache.put("sun", str(number), bytes(1000))
    assert await cache.get("sun", "0") == bytes(1000)
    assert await cache.get("sun", "0") == bytes(1000)
    assert figures(cache, "sun") == (1, 1, 0)


async def test_a_restart_keeps_it(tmp_path: Path, clock: Clock) -> None:
    first = Cache(tmp_path / "cache.db", SETTINGS, KINDS, clock)
    await first.put("sun", "today", b"07:12")
    await first.close()
    second = Cache(tmp_path / "cache.db", SETTINGS, KINDS, clock)
    assert await second.get("sun", "today") == b"07:12"
    await second.close()


async def test_each_kind_has_its_time_to_live_in_both_tiers(cache: Cache, clock: Clock) -> None:
    for kind in KINDS:
        await cache.put(kind, "k", b"v")
    clock.now += 5.0
    assert await cache.get("answer", "k") is None
    assert await cache.get("sun", "k") == b"v"


async def test_a_kind_that_was_not_declared_is_refused(cache: Cache) -> None:
    with pytest.raises(KeyError):
        await cache.get("other", "k")


async def test_forgetting_a_kind_leaves_the_others(cache: Cache) -> None:
    for kind in KINDS:
        await cache.put(kind, "k", b"v")
    await cache.forget("sun")
    assert await cache.get("sun", "k") is None
    assert await cache.get("answer", "k") == b"v"


async def test_the_file_stays_within_its_bound(cache: Cache, tmp_path: Path, clock: Clock) -> None:
    for number in range(400):
        clock.now += 0.01
        await cache.put("sun", str(number), bytes(2000))
    assert size_of(tmp_path) <= SETTINGS.disk_bytes
    assert await cache.get("sun", "399") == bytes(2000)


@pytest.mark.parametrize(("most", "in_memory"), [(0, 0), (2_000, 1), (10_000, 5)])
async def test_memory_holds_as_much_as_set(tmp_path: Path, clock: Clock, most: int, in_memory: int) -> None:
    cache = Cache(tmp_path / "cache.db", CacheSettings(memory_bytes=most, disk_bytes=262_144), KINDS, clock)
    for number in range(5):
        await cache.put("sun", str(number), bytes(1000))
    for number in reversed(range(5)):
        await cache.get("sun", str(number))
    assert figures(cache, "sun")[0] == in_memory
    await cache.close()


async def test_a_value_too_large_for_a_tier_is_not_kept_there(cache: Cache, tmp_path: Path) -> None:
    await cache.put("sun", "k", b"small")
    await cache.put("sun", "huge", bytes(1_000_000))
    assert await cache.get("sun", "huge") is None
    assert await cache.get("sun", "k") == b"small"


@pytest.mark.parametrize(
    "garbage", [b"this is no database at all, but it is long enough" * 200, b"", b"SQLite format 3\0" + bytes(90)]
)
async def test_a_broken_file_is_begun_anew(tmp_path: Path, clock: Clock, garbage: bytes) -> None:
    path = tmp_path / "cache.db"
    path.write_bytes(garbage)
    cache = Cache(path, CacheSettings(memory_bytes=0, disk_bytes=262_144), KINDS, clock)
    await cache.put("sun", "k", b"first")
    await cache.put("sun", "k", b"second")
    assert await cache.get("sun", "k") == b"second"
    await cache.close()


async def test_a_file_broken_in_the_middle_of_use_is_survived(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "cache.db"
    settings = CacheSettings(memory_bytes=0, disk_bytes=262_144)
    first = Cache(path, settings, KINDS, clock)
    for number in range(50):
        await first.put("sun", str(number), bytes(2000))
    await first.close()
    content = bytearray(path.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    path.write_bytes(content)
    cache = Cache(path, settings, KINDS, clock)
    for number in range(3):
        await cache.get("sun", str(number))
        await cache.put("sun", "k", b"v")
    assert await cache.get("sun", "k") == b"v"
    await cache.close()


async def test_a_folder_that_cannot_be_written_is_survived(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "file").write_text("not a folder")
    cache = Cache(tmp_path / "file" / "cache.db", SETTINGS, KINDS, clock)
    await cache.put("sun", "k", b"v")
    assert await cache.get("sun", "k") == b"v"
    assert await cache.get("sun", "other") is None
    await cache.close()


async def test_the_event_loops_thread_never_touches_the_file(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[str] = set()
    opened = cache._shelf._open

    def watched() -> object:
        threads.add(threading.current_thread().name)
        return opened()

    monkeypatch.setattr(cache._shelf, "_open", watched)
    await cache.put("sun", "k", b"v")
    await cache.get("sun", "other")
    assert threads == {"cache_0"}


def test_the_largest_settings_stay_below_twenty_megabytes() -> None:
    from kernel.runtime.settings import BadSettings, load

    most = {"HOMEWRIGHT_CACHE_MEMORY_BYTES": 8_000_000, "HOMEWRIGHT_CACHE_DISK_BYTES": 11_000_000}
    load({name: str(value) for name, value in most.items()})
    assert sum(most.values()) < 20_000_000
    for name, value in most.items():
        with pytest.raises(BadSettings):
            load({name: str(value + 1)})


async def test_its_hits_are_a_metric(cache: Cache) -> None:
    await cache.put("sun", "k", b"v")
    await cache.get("sun", "k")
    readings = {(one.labels["kind"], one.labels["found"]): one.value for one in await cache.readings()}
    assert readings["sun", "memory"] == 1
    assert readings["answer", "nowhere"] == 0
