"""Replay through its facade."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.modules.patterns.mining.homes import lived_in
from tests.modules.patterns.service.conftest import Room

from kernel.errors import Invalid
from modules.patterns.errors import HistoryTooShort, NotReplayable, UnknownEntity
from modules.patterns.types import CallService, Opaque, Rule, StateTrigger, TimeTrigger, Window

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
MONTH = Window(start=MONDAY, end=MONDAY + timedelta(days=28))
LIGHT = (CallService(service="light.turn_on", entity_ids=("light.kitchen",)),)
EARLY = Rule(name="kitchen", triggers=(TimeTrigger(at="06:40"),), actions=LIGHT)


@pytest.fixture(autouse=True)
async def past(room: Room) -> None:
    await room.lives(lived_in(days=35))


async def test_scores_a_rule_on_the_past(room: Room) -> None:
    card = await room.replay.replay(EARLY, MONTH)
    assert card.days_with_events == 28
    assert card.firings == 28
    assert 15 <= card.saved <= 20


async def test_the_firings_are_those_that_are_scored(room: Room) -> None:
    card = await room.replay.replay(EARLY, MONTH)
    firings = [firing async for firing in room.replay.firings(EARLY, MONTH)]
    assert (len(firings), sum(f.saved for f in firings)) == (card.firings, card.saved)
    assert firings[0].at == MONDAY + timedelta(hours=6, minutes=40)


async def test_rules_together_save_a_gesture_once(room: Room) -> None:
    alone = await room.replay.replay(EARLY, MONTH)
    together = await room.replay.replay_home((EARLY, EARLY), MONTH)
    assert together.saved == alone.saved


async def test_a_window_with_less_than_a_week_is_too_short(room: Room) -> None:
    with pytest.raises(HistoryTooShort) as short:
        await room.replay.replay(EARLY, Window(start=MONDAY, end=MONDAY + timedelta(days=6)))
    assert (short.value.days, short.value.needed) == (6, 7)


async def test_a_name_that_was_never_seen_is_refused(room: Room) -> None:
    ghost = Rule(name="ghost", triggers=(StateTrigger(entity_ids=("binary_sensor.ghost",)),), actions=LIGHT)
    with pytest.raises(UnknownEntity):
        await room.replay.replay(ghost, MONTH)


async def test_what_is_not_understood_is_not_replayed(room: Room) -> None:
    opaque = Rule(name="opaque", triggers=(Opaque(json="{}"),), actions=LIGHT)
    with pytest.raises(NotReplayable):
        [firing async for firing in room.replay.firings(opaque, MONTH)]


async def test_a_rule_that_watches_too_many_entities_is_refused_before_it_takes_the_memory(room: Room) -> None:
    watched = tuple(f"sensor.s{number}" for number in range(501))
    crowd = Rule(name="crowd", triggers=(StateTrigger(entity_ids=watched),), actions=LIGHT)
    with pytest.raises(NotReplayable, match="watch 501 entities, at most 500"):
        await room.replay.replay(crowd, MONTH)
    with pytest.raises(Invalid, match="at most 200 long"):
        Rule(name="long", triggers=(TimeTrigger(at="06:40"),) * 201, actions=LIGHT)
    with pytest.raises(Invalid, match="at most 200 at once, not 201"):
        await room.replay.replay_home((EARLY,) * 201, MONTH)


@pytest.mark.parametrize(
    ("start", "end", "where"),
    [
        ("0001-01-01T00:00:00+14:00", "2026-02-01T00:00:00+00:00", "Window.start"),
        ("2026-01-01T00:00:00+00:00", "9999-12-31T23:59:59-12:00", "Window.end"),
        ("2026-02-01T00:00:00+00:00", "2026-01-01T00:00:00+00:00", "Window.end: a time after the start"),
        ("2026-02-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00", "Window.end: a time after the start"),
    ],
)
async def test_a_window_that_no_history_can_fill_is_refused(room: Room, start: str, end: str, where: str) -> None:
    window = Window(start=datetime.fromisoformat(start), end=datetime.fromisoformat(end))
    with pytest.raises(Invalid, match=where):
        await room.replay.replay(EARLY, window)
    with pytest.raises(Invalid, match=where):
        [firing async for firing in room.replay.firings(EARLY, window)]
