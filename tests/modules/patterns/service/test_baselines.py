"""What a learning is compared with: honest about time, scored by the same replay."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.modules.patterns.mining.homes import AUTOMATION, DAY, HOUR, MINUTE, MONDAY, Home, learned, lived_in
from tests.modules.patterns.service.conftest import Room

from modules.patterns.errors import HistoryTooShort
from modules.patterns.internal.domain.baselines import baselines
from modules.patterns.internal.domain.baselines_rules import clock_rule, state_rule, targets_of
from modules.patterns.internal.domain.daytypes import DAY_TYPES
from modules.patterns.internal.domain.learn_past import Past
from modules.patterns.internal.domain.learn_split import Blocks
from modules.patterns.internal.domain.log import Log
from modules.patterns.internal.domain.score import scorecard
from modules.patterns.types import (
    HistoryBatch,
    LearnRequest,
    ScoredBaseline,
    StateChange,
    StateTrigger,
    TimelineQuestion,
    TimeTrigger,
)


def compared(log: Log) -> tuple[Blocks, dict[str, ScoredBaseline]]:
    split = learned(log)[0].split
    edges = (split.mine.start, split.select.start, split.test.start, split.test.end)
    parts = Blocks(*(round(edge.timestamp() * 1000) for edge in edges))
    return parts, {one.name: one for one in baselines(log, parts)}


def test_last_week_is_repeated_by_the_wall_clock() -> None:
    """Five minutes later each week, in Berlin, where the clock goes forward on day 83: within the test weeks."""
    home = Home(days=91)
    for day in range(home.days):
        seven = day * DAY + 7 * HOUR - (HOUR if day >= 83 else 0)
        home.switch(seven + day // 7 * 5 * MINUTE, "light.kitchen", "on")
        home.switch(seven + 4 * HOUR, "light.kitchen", "off", AUTOMATION)
    parts, found = compared(home.log("Europe/Berlin"))
    card = found["last_week_repeats"].score
    assert parts.test < MONDAY + 83 * DAY < parts.end
    assert (card.saved, card.false_firings) == (card.gestures, 0)
    assert card.saved > 20


def test_the_most_frequent_slot_is_found_and_kept_where_it_paid() -> None:
    home = Home(days=84).habit("light.kitchen", 6.8, "weekday", jitter=2.0).whims("light.study", 3.0)
    _, found = compared(home.log())
    plain, paid = found["most_frequent_slot"], found["most_frequent_slot_that_paid"]
    triggers = {(rule.actions[0].entity_ids[0], rule.triggers[0].at) for rule in paid.rules}  # type: ignore[union-attr]
    assert ("light.kitchen", "06:45:00") in triggers
    assert len(plain.rules) > len(paid.rules)
    assert plain.score.net[0].per_week < paid.score.net[0].per_week
    mornings = [rule for rule in paid.rules if rule.triggers[0].at == "06:45:00"]  # type: ignore[union-attr]
    assert len(mornings) == 1
    assert paid.score.saved >= 10


def test_only_the_oracle_looks_at_the_test_weeks() -> None:
    home = lived_in(seed=3)
    parts, before = compared(home.log())
    changed = lived_in(seed=3)
    for day in range(85):
        moment = parts.test + day * DAY // 4
        if moment < parts.end - DAY:
            changed.rows.append((moment + 4 * HOUR, "light.study", "on", 1))
            changed.rows.append((moment + 5 * HOUR, "light.study", "off", 1))
    after = {one.name: one for one in baselines(changed.log(), parts)}
    for name in ("most_frequent_slot", "most_frequent_slot_that_paid"):
        assert before[name].rules == after[name].rules
        assert not before[name].oracle
    assert before["best_single_rule_by_oracle"].oracle


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_no_single_rule_beats_the_oracle(seed: int) -> None:
    """Every quarter of an hour and every state of another entity, replayed one by one."""
    home = Home(seed, 42).habit("light.kitchen", 6.75, "weekday", chance=0.8).whims("light.study")
    home.reaction(home.motion("binary_sensor.hall_motion", 6), "light.hall", chance=0.6)
    parts, found = compared(home.log())
    past = Past.of(home.log())
    best = found["best_single_rule_by_oracle"].score.net[0].per_week
    for target in targets_of(past, parts.test, parts.end):
        rules = [clock_rule(target, day_type, slot) for day_type in DAY_TYPES for slot in range(96)]
        others = (name for name in past.log.entity_ids if name != target.entity_id)
        rules += [state_rule(target, name, state) for name in others for state in ("on", "off")]
        for rule in rules:
            card = scorecard([rule], past.log, parts.test, parts.end, past.gestures)
            assert card.net[0].per_week <= best, rule.name


def test_an_oracle_may_be_a_time_or_a_reaction() -> None:
    _, clock = compared(Home(days=84).habit("light.kitchen", 6.8, jitter=2.0).log())
    (rule,) = clock["best_single_rule_by_oracle"].rules
    assert isinstance(rule.triggers[0], TimeTrigger)
    home = Home(days=84)
    _, reaction = compared(home.reaction(home.motion("binary_sensor.hall_motion", 8), "light.hall").log())
    (rule,) = reaction["best_single_rule_by_oracle"].rules
    assert isinstance(rule.triggers[0], StateTrigger)


async def test_the_facade_gives_all_four(room: Room) -> None:
    await room.lives(lived_in())
    await room.patterns.learn(LearnRequest())
    await room.jobs.drain()
    report = (await room.patterns.habits()).report
    assert report is not None
    found = await room.replay.baselines(report.split)
    assert [one.oracle for one in found] == [False, False, False, True]
    assert {one.score.window for one in found} == {report.split.test}
    assert report.home.net[0].per_week > max(one.score.net[0].per_week for one in found if not one.oracle)


async def test_the_null_home_is_this_home_without_its_habits(room: Room) -> None:
    home = lived_in()
    await room.lives(home)
    null = [change async for change in room.patterns.null_home(4)]
    again = [change async for change in room.patterns.null_home(4)]
    assert null == again
    assert [change.at for change in null] == sorted(change.at for change in null)
    true = [change async for change in room.history.timeline(TimelineQuestion())]
    assert _of("binary_sensor.", null) == _of("binary_sensor.", true)
    assert abs(len(_of("light.", null)) - len(_of("light.", true))) < 0.02 * len(_of("light.", true))
    assert _near(null, "light.kitchen", 6.75) < 0.4 * _near(true, "light.kitchen", 6.75)


async def test_too_short_a_past_has_no_null_home(room: Room) -> None:
    at = datetime.fromisoformat("2026-01-05T08:00:00+00:00")
    lone = StateChange(at=at, entity_id="light.hall", state="on")
    await room.history.import_history(HistoryBatch(changes=(lone,)))
    with pytest.raises(HistoryTooShort):
        [change async for change in room.patterns.null_home()]


def _of(start: str, changes: list[StateChange]) -> list[StateChange]:
    return [change for change in changes if change.entity_id.startswith(start)]


def _near(changes: list[StateChange], entity_id: str, hour: float) -> int:
    reach = timedelta(minutes=15)
    return sum(
        change.entity_id == entity_id
        and change.state == "on"
        and abs(timedelta(hours=change.at.hour, minutes=change.at.minute) - timedelta(hours=hour)) <= reach
        for change in changes
    )
