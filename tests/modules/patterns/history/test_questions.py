"""The questions to the past: what is answered is what reading everything would have told, and no more than is known."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid, NotFound
from modules.patterns.internal.domain.log import NO_VALUE
from modules.patterns.internal.history import columns
from modules.patterns.internal.history.columns import MonthFile
from modules.patterns.internal.history.memory import LocalNames, rows_of
from modules.patterns.internal.history.rows import combine
from modules.patterns.types import (
    AsOfQuestion,
    CountsQuestion,
    DurationQuestion,
    HistoryBatch,
    LastQuestion,
    Origin,
    Place,
    StateChange,
    TimelineQuestion,
    Window,
)

from .home import Home

START = datetime(2026, 1, 30, 12, tzinfo=UTC)
HALL = "light.hall"


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


def change(hours: float, entity: str, state: str, origin: Origin = "unknown") -> StateChange:
    return StateChange(at=at(hours), entity_id=entity, state=state, origin=origin)


async def lives(home: Home, *changes: StateChange, zone: str = "UTC") -> None:
    await home.service.import_history(HistoryBatch(changes=changes, place=Place(zone=zone)))


EVENING = (
    change(0, HALL, "off"),
    change(1, HALL, "on", "manual"),
    change(1.5, HALL, "on"),
    change(3, HALL, "off", "automation"),
    change(40, "sensor.power", "12"),
    change(60, HALL, "unavailable"),
    change(70, HALL, "off"),
)


@pytest.mark.parametrize("folded", [False, True])
async def test_the_last_change_is_a_change_and_no_repetition(home: Home, folded: bool) -> None:
    await lives(home, *EVENING)
    if folded:
        await home.tail.fold()
    found = await home.service.last_change(LastQuestion(entity_id=HALL, state="on"))
    assert found is not None
    assert (found.at, found.from_state, found.origin) == (at(1), "off", "manual")
    last = await home.service.last_change(LastQuestion(entity_id=HALL))
    assert last is not None
    assert (last.at, last.from_state, last.state) == (at(70), "unavailable", "off")
    before = await home.service.last_change(LastQuestion(entity_id=HALL, before=at(60)))
    assert before is not None
    assert (before.at, before.origin) == (at(3), "automation")


async def test_a_first_sighting_is_told_as_one(home: Home) -> None:
    await lives(home, *EVENING)
    found = await home.service.last_change(LastQuestion(entity_id="sensor.power"))
    assert found is not None
    assert (found.at, found.state, found.from_state) == (at(40), "12", None)
    assert await home.service.last_change(LastQuestion(entity_id="sensor.power", state="off")) is None
    assert await home.service.last_change(LastQuestion(entity_id=HALL, state="never heard of")) is None
    assert await home.service.last_change(LastQuestion(entity_id=HALL, before=at(0))) is None


async def test_what_is_not_known_is_said_and_not_counted(home: Home) -> None:
    """Twelve hours before the first row, ten unavailable, five after the record's end."""
    await lives(home, *EVENING)
    window = Window(start=at(-12), end=at(75))
    lit = await home.service.duration(DurationQuestion(entity_id=HALL, state="on", window=window))
    assert (lit.seconds, lit.unknown_seconds, lit.entered) == (2 * 3600, 27 * 3600, 1)
    assert lit.share == pytest.approx(2 / 60)
    gone = await home.service.duration(DurationQuestion(entity_id=HALL, state="unavailable", window=window))
    assert (gone.seconds, gone.unknown_seconds) == (10 * 3600, 17 * 3600)


async def test_a_state_that_reaches_into_the_window_counts_from_its_start(home: Home) -> None:
    await lives(home, *EVENING)
    await home.tail.fold()
    window = Window(start=at(2), end=at(50))
    lit = await home.service.duration(DurationQuestion(entity_id=HALL, state="on", window=window))
    assert (lit.seconds, lit.unknown_seconds, lit.entered) == (3600, 0, 0)


async def test_a_window_of_which_nothing_is_known_has_no_share(home: Home) -> None:
    await lives(home, *EVENING)
    past = await home.service.duration(
        DurationQuestion(entity_id=HALL, state="on", window=Window(start=at(-9), end=at(-8)))
    )
    assert (past.share, past.unknown_seconds) == (None, 3600)
    with pytest.raises(Invalid):
        await home.service.duration(DurationQuestion(entity_id=HALL, state="on", window=Window(start=at(1), end=at(0))))


async def test_counts_are_on_the_homes_clock(home: Home) -> None:
    """30 January 2026 is a Friday; 12:00 UTC is 21:00 in Tokyo. Coming back from `unavailable` is no change."""
    await lives(home, *EVENING, zone="Asia/Tokyo")
    counted = await home.service.counts(CountsQuestion(entity_id=HALL))
    assert counted.total == 2
    assert counted.hours[4][22] == 1
    assert counted.hours[5][0] == 1
    assert (counted.zone, counted.window) == ("Asia/Tokyo", Window(start=at(0), end=at(70) + timedelta(milliseconds=1)))
    assert counted.days == (1, 0, 0, 0, 1, 1, 1)
    assert (await home.service.counts(CountsQuestion(entity_id=HALL, origins=("manual",)))).total == 1
    assert (await home.service.counts(CountsQuestion(entity_id=HALL, state="unavailable"))).total == 1
    assert (await home.service.counts(CountsQuestion(entity_id=HALL, start=at(1.2), end=at(3)))).total == 0
    assert (await home.service.counts(CountsQuestion(entity_id=HALL, start=at(500)))).total == 0


async def test_the_home_at_an_instant(home: Home) -> None:
    await lives(home, *EVENING)
    for _ in range(2):
        stood = await home.service.as_of(AsOfQuestion(at=at(2)))
        told = [(one.entity_id, one.state, one.since, one.at_least) for one in stood.entities]
        assert told == [(HALL, "on", at(1), False)]
        later = await home.service.as_of(AsOfQuestion(at=at(90), entity_ids=("sensor.power",)))
        assert [(one.state, one.since, one.at_least) for one in later.entities] == [("12", at(40), True)]
        assert later.known_until == at(70)
        await home.tail.fold()


async def test_an_entity_that_was_never_seen_is_named(home: Home) -> None:
    await lives(home, *EVENING)
    window = Window(start=at(0), end=at(1))
    for asked in (
        home.service.last_change(LastQuestion(entity_id="light.ghost")),
        home.service.duration(DurationQuestion(entity_id="light.ghost", state="on", window=window)),
        home.service.counts(CountsQuestion(entity_id="light.ghost")),
        home.service.as_of(AsOfQuestion(at=at(0), entity_ids=(HALL, "light.ghost"))),
    ):
        with pytest.raises(NotFound) as ghost:
            await asked
        assert str(ghost.value) == "there is no entity in the history 'light.ghost'"


async def test_an_empty_history_has_an_empty_home(home: Home) -> None:
    stood = await home.service.as_of(AsOfQuestion(at=at(0)))
    assert (stood.entities, stood.known_until) == ((), None)
    assert (await home.service.summary()).days_with_events == 0


async def test_a_timeline_of_one_entity_reads_the_same_as_one_of_all(home: Home) -> None:
    await lives(home, *EVENING)
    whole = [one for one in await home.all() if one.entity_id == HALL]
    await home.tail.fold()
    assert await home.all(TimelineQuestion(entity_ids=(HALL,))) == whole
    assert await home.all(TimelineQuestion(entity_ids=("light.ghost",))) == []


_ENTITIES = (HALL, "light.stairs", "cover.attic")
_hours = st.integers(0, 40).map(lambda step: step * 36.5)  # over the edges of two months
_changes = st.lists(
    st.builds(change, _hours, st.sampled_from(_ENTITIES), st.sampled_from(("on", "off", "unavailable"))),
    min_size=1,
    max_size=25,
)


def states_at(changes: Sequence[StateChange], when: datetime) -> dict[str, tuple[str, datetime]]:
    """By entity, the state and since when, the slow way."""
    found: dict[str, tuple[str, datetime]] = {}
    for one in changes:
        if one.at <= when and found.get(one.entity_id, ("",))[0] != one.state:
            found[one.entity_id] = (one.state, one.at)
    return found


@given(_changes, st.integers(0, 25), _hours, _hours)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_answers_are_those_of_reading_everything(
    home: Home, changes: list[StateChange], live: int, one_hour: float, other_hour: float
) -> None:
    """Whatever is filed and whatever is live, in whatever order it came."""
    await home.service.import_history(HistoryBatch(changes=tuple(changes[live:])))
    await home.tail.fold()
    await home.service.import_history(HistoryBatch(changes=tuple(changes[:live])))
    known = await home.all()
    start, end = at(min(one_hour, other_hour)), at(max(one_hour, other_hour))
    stood = await home.service.as_of(AsOfQuestion(at=start))
    assert {one.entity_id: (one.state, one.since) for one in stood.entities} == states_at(known, start)
    for entity in {one.entity_id for one in known}:
        line = [one for one in known if one.entity_id == entity]
        steps = [(a, b) for a, b in itertools.pairwise(line) if a.state != b.state]
        inside = [b for a, b in steps if start <= b.at < end and not {a.state, b.state} & NO_VALUE]
        counted = await home.service.counts(CountsQuestion(entity_id=entity, start=start, end=end))
        assert counted.total == len(inside)
        assert sum(map(sum, counted.hours)) == counted.total
        last = await home.service.last_change(LastQuestion(entity_id=entity, before=end))
        earlier = [b.at for _, b in steps if b.at < end] or [one.at for one in line[:1] if one.at < end]
        assert (last.at if last else None) == (earlier[-1] if earlier else None)
        window = Window(start=start, end=end)
        spent = [
            await home.service.duration(DurationQuestion(entity_id=entity, state=state, window=window))
            for state in ("on", "off")
        ]
        assert sum(one.seconds for one in spent) + spent[0].unknown_seconds == (end - start).total_seconds()


@given(_changes, _hours, _hours)
@settings(max_examples=40, deadline=None)
def test_an_entitys_rows_of_a_month_are_found_without_the_others(
    tmp_path_factory: pytest.TempPathFactory, changes: list[StateChange], one_hour: float, other_hour: float
) -> None:
    names = LocalNames()
    start, end = sorted(int(at(hour).timestamp() * 1000) for hour in (one_hour, other_hour))
    for month, part in combine([rows_of(changes, names, LocalNames())]).rows.by_month():
        path = tmp_path_factory.getbasetemp() / "month.columns"
        path.write_bytes(b"".join(columns.layout(part, month)))
        file = MonthFile(path, month, len(part))
        for code in range(len(names) + 1):
            found = file.rows_of((code,), start, end)
            expected = part.between(start, end)
            expected = expected.take(expected.entities == code)
            assert (found.times.tolist(), found.states.tolist()) == (expected.times.tolist(), expected.states.tolist())


def test_a_month_written_by_an_older_version_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    part = combine([rows_of(EVENING[:4], LocalNames(), LocalNames())]).rows
    (month, _), *_rest = part.by_month()
    path = tmp_path_factory.getbasetemp() / "old.columns"
    _, count, _, *body = columns.layout(part, month)
    path.write_bytes(b"HWCOL1\0\0" + count + b"".join(body[:3]))
    assert columns.read(path, month, len(part)).times.tolist() == part.times.tolist()
    assert MonthFile(path, month, len(part)).rows_of((0,)).times.tolist() == part.times.tolist()


async def test_an_hour_that_comes_twice_counts_both_its_passes(home: Home) -> None:
    """In Berlin, 25 October 2026, 02:30 comes at 00:30 and at 01:30 UTC."""
    berlin = ZoneInfo("Europe/Berlin")
    night = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    steps = [("off", -60), ("on", 30), ("off", 40), ("on", 90), ("off", 100)]
    rows = [StateChange(at=night + timedelta(minutes=m), entity_id=HALL, state=s) for s, m in steps]
    assert {row.at.astimezone(berlin).hour for row in rows[1:]} == {2}
    await lives(home, *rows, zone="Europe/Berlin")
    counted = await home.service.counts(CountsQuestion(entity_id=HALL, state="on"))
    assert counted.hours[6][2] == counted.total == 2
    assert counted.days[6] == 1
