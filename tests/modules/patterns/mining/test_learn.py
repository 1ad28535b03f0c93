"""What a learning finds, what it leaves alone, and that nothing is learned from the weeks it is measured on."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.modules.patterns.mining.homes import DAY, HOUR, MONDAY, NOW, Home, learned, lived_in, told

from modules.patterns.errors import HistoryTooShort
from modules.patterns.internal.domain.learn import learn
from modules.patterns.internal.domain.learn_past import canonical
from modules.patterns.internal.domain.log import MANUAL, UNKNOWN
from modules.patterns.types import LearnRequest, StateTrigger, TimeCondition, TimeTrigger


def test_finds_the_planted_habits_and_nothing_else() -> None:
    report, habits = learned(lived_in().log())
    assert sorted(told(habits)) == [
        "On weekdays around 06:45 somebody turns on the kitchen light",
        "When the hall motion sensor notices motion, somebody turns on the hall light, usually within 6 seconds "
        "(if the hall light has been off for 5 minutes)",
    ]
    assert report.kept == 2
    assert report.hypotheses > 1000
    assert report.null_kept == 0


def test_states_what_it_found_as_rules_that_can_run() -> None:
    _, habits = learned(lived_in().log())
    clock = next(habit for habit in habits if habit.kind == "time")
    reaction = next(habit for habit in habits if habit.kind == "reaction")
    (trigger,) = clock.rule.triggers
    assert isinstance(trigger, TimeTrigger)
    assert "06:30:00" <= trigger.at <= "06:46:00"
    assert clock.rule.conditions == (TimeCondition(weekdays=("mon", "tue", "wed", "thu", "fri")),)
    assert reaction.rule.triggers == (StateTrigger(entity_ids=("binary_sensor.hall_motion",), to=("on",)),)


def test_the_evidence_is_the_gestures_themselves() -> None:
    home = lived_in()
    report, habits = learned(home.log())
    clock = next(habit for habit in habits if habit.kind == "time")
    assert 24 < clock.evidence.support_days <= clock.evidence.possible_days <= 30
    assert clock.evidence.observed_days == 30, "weekdays with events in six weeks, whether it was done or not"
    assert len(clock.evidence.days) == clock.evidence.support_days
    assert clock.evidence.days == tuple(f"{at:%Y-%m-%d}" for at in clock.evidence.times)
    assert clock.evidence.expected_days < 5
    assert clock.evidence.p_value <= clock.evidence.q_value <= 0.05
    assert all(at.weekday() < 5 and at.hour == 6 for at in clock.evidence.times)
    assert all(report.split.mine.start <= at < report.split.mine.end for at in clock.evidence.times)
    assert list(clock.evidence.times) == sorted(clock.evidence.times)


@pytest.mark.parametrize("clock", [23.95, 24.05])
def test_finds_a_habit_that_straddles_midnight_on_the_right_days(clock: float) -> None:
    home = Home(3).habit("light.bedroom", clock, "weekday", jitter=5).whims("light.study")
    _, habits = learned(home.log())
    (habit,) = habits
    assert habit.day_type == "weekday"
    (trigger,) = habit.rule.triggers
    assert isinstance(trigger, TimeTrigger)
    (condition,) = habit.rule.conditions
    assert isinstance(condition, TimeCondition)
    after_midnight = trigger.at < "12:00:00"
    assert condition.weekdays == (
        ("tue", "wed", "thu", "fri", "sat") if after_midnight else ("mon", "tue", "wed", "thu", "fri")
    )
    assert habit.tested.precision.share > 0.8


def test_a_light_used_at_any_time_is_no_habit() -> None:
    report, habits = learned(Home(5).whims("light.study", 3).whims("light.hall", 3).log())
    assert habits == ()
    assert any("beats chance" in remark or "would have saved" in remark for remark in report.remarks)


def test_an_evening_with_many_gestures_is_no_habit_of_a_minute() -> None:
    home = Home(6)
    for day in range(home.days):
        for _ in range(4):
            home.use(day * DAY + int(home.random.uniform(18, 22) * HOUR), "light.living", 8)
    assert learned(home.log())[1] == ()


def test_what_follows_the_gesture_is_not_its_cause() -> None:
    home = Home(7).whims("light.study", 3)
    for at, entity_id, state, _ in list(home.rows):
        assert entity_id == "light.study"
        home.rows.append((at + 700, "binary_sensor.study_lamp_power", state, UNKNOWN))
    assert learned(home.log())[1] == ()


def test_things_that_switch_within_a_second_are_one_gesture() -> None:
    home = Home(8).whims("light.table_left", 3)
    home.rows += [(at + 400, "light.table_right", state, MANUAL) for at, _, state, _ in list(home.rows)]
    assert learned(home.log())[1] == ()


def test_a_chattering_sensor_explains_nothing() -> None:
    home = Home(9).whims("light.study", 3)
    home.motion("binary_sensor.curtain_motion", 600)
    assert learned(home.log())[1] == ()


@pytest.mark.parametrize("entity_id", ["climate.hall", "switch.oven", "switch.garden_pump", "switch.sauna_2"])
def test_never_proposes_to_act_on_what_is_critical(entity_id: str) -> None:
    home = Home(10).habit(entity_id, 7.0).habit("light.kitchen", 6.75)
    report, habits = learned(home.log())
    assert [habit.entity_id for habit in habits] == ["light.kitchen"]
    assert any(entity_id in remark for remark in report.remarks)


def test_actions_of_automations_are_no_habits() -> None:
    home = Home(11).whims("light.study")
    home.rows += [(at, e, s, 2) for at, e, s, _ in Home(11).habit("light.porch", 19.0).rows]
    assert learned(home.log())[1] == ()


def test_a_habit_seen_twice_is_proposed_once() -> None:
    home = Home(12)
    seen = home.motion("binary_sensor.hall_motion", 12)
    home.rows += [(at + 300, "binary_sensor.hall_motion_2", s, UNKNOWN) for at, _, s, _ in list(home.rows)]
    _, habits = learned(home.reaction(seen, "light.hall").log())
    assert len([habit for habit in habits if habit.entity_id == "light.hall" and habit.state == "on"]) == 1


def test_proposes_no_more_than_asked_for() -> None:
    home = Home(13).habit("light.a", 7).habit("light.b", 12).habit("light.c", 19)
    assert len(learned(home.log())[1]) >= 3
    assert len(learned(home.log(), most_suggestions=1)[1]) == 1


def test_ranks_by_the_lower_bound_of_what_is_saved() -> None:
    _, habits = learned(lived_in().log())
    assert [habit.kind for habit in habits] == ["reaction", "time"]


def test_the_test_weeks_choose_nothing() -> None:
    home = lived_in()
    report, habits = learned(home.log())
    start = report.split.test.start.timestamp() * 1000
    turned = lived_in()
    turned.rows = [row for row in turned.rows if row[0] < start or not row[1].startswith("light.")]
    _, blind = learned(turned.log())
    assert [habit.rule for habit in blind] == [habit.rule for habit in habits]
    assert [habit.selected for habit in blind] == [habit.selected for habit in habits]
    assert all(habit.tested.saved == 0 for habit in blind)


def test_mine_select_and_test_weeks_follow_each_other_and_shrink_alike() -> None:
    report, _ = learned(lived_in(days=56).log())
    split = report.split
    assert split.mine.end == split.select.start
    assert split.select.end == split.test.start
    assert [split.mine.days, split.select.days, split.test.days] == [28, 14, 14]
    assert any("56 days" in remark for remark in report.remarks)


def test_learns_from_the_newest_weeks_only() -> None:
    report, _ = learned(lived_in().log(), mine_weeks=4, select_weeks=2, test_weeks=2)
    assert [report.split.mine.days, report.split.select.days, report.split.test.days] == [28, 14, 14]
    assert report.days_with_events == 56


@pytest.mark.parametrize("days", [1, 13])
def test_thirteen_days_are_too_short(days: int) -> None:
    with pytest.raises(HistoryTooShort) as short:
        learned(lived_in(days=days).log())
    assert short.value.needed == 14
    assert short.value.days <= 13


def test_an_empty_history_is_too_short() -> None:
    log = lived_in(days=1).log()
    with pytest.raises(HistoryTooShort):
        learned(log.between(0, 1))


def test_fourteen_days_are_learned_from_with_a_warning() -> None:
    report, _ = learned(lived_in(days=14).log())
    assert any("short" in remark for remark in report.remarks)


def test_a_home_in_which_nobody_does_anything_says_so() -> None:
    home = Home(14)
    home.motion("binary_sensor.hall_motion")
    report, habits = learned(home.log())
    assert habits == ()
    assert report.hypotheses == 0
    assert any("No manual actions" in remark for remark in report.remarks)


def test_says_that_unknown_origins_are_taken_for_people() -> None:
    home = lived_in()
    home.rows = [(at, entity_id, state, UNKNOWN) for at, entity_id, state, _ in home.rows]
    report, _ = learned(home.log())
    assert any("no recorded origin" in remark for remark in report.remarks)


def test_the_same_history_gives_the_same_report() -> None:
    log = lived_in().log()
    assert msgspec.json.encode(learned(log)) == msgspec.json.encode(learned(log))


@pytest.mark.parametrize("order", [1, 2])
def test_the_order_of_the_import_changes_nothing(order: int) -> None:
    home = lived_in()
    assert msgspec.json.encode(learned(home.log(shuffled=order))) == msgspec.json.encode(learned(home.log()))


def test_a_log_has_one_canonical_form() -> None:
    home = lived_in(days=20)
    home.rows += [(at, "light.twin", state, origin) for at, e, state, origin in list(home.rows) if e == "light.hall"]
    one, other = canonical(home.log(shuffled=1)), canonical(home.log(shuffled=2))
    assert (one.entity_ids, one.state_names) == (other.entity_ids, other.state_names)
    for column in ("times", "entities", "states", "origins"):
        assert np.array_equal(getattr(one, column), getattr(other, column))


def test_a_habit_keeps_its_id_when_more_weeks_come() -> None:
    home = lived_in(days=98)
    _, later = learned(home.log())
    home.rows = [row for row in home.rows if row[0] < MONDAY + 84 * DAY]
    _, earlier = learned(home.log())
    assert {habit.id for habit in later} == {habit.id for habit in earlier}


@settings(max_examples=4, deadline=None)
@given(hours=st.integers(-11, 11))
def test_moving_the_clocks_moves_the_habits_of_the_clock(hours: int) -> None:
    """`Etc/GMT+3` is three hours west: the same local past, told from another zone."""
    zone = f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"
    here, there = learned(lived_in().log()), learned(lived_in().log(zone))
    assert told(here[1]) == told(there[1])
    moved = lived_in()
    moved.rows = [(at + 2 * HOUR, e, s, o) for at, e, s, o in moved.rows]
    assert "On weekdays around 08:45 somebody turns on the kitchen light" in told(learned(moved.log())[1])


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_more_of_what_has_nothing_to_do_with_it_changes_nothing(seed: int) -> None:
    quiet, loud = lived_in(), lived_in()
    garden = [row for row in loud.rows if row[1] == "binary_sensor.garden_motion"]
    moved = loud.random.__class__(seed)
    loud.rows += [(at + moved.randrange(40 * 60_000, 80 * 60_000), e, s, o) for at, e, s, o in garden]
    assert told(learned(loud.log())[1]) == told(learned(quiet.log())[1])


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_shuffled_home_holds_no_habits(seed: int) -> None:
    report, _ = learned(lived_in(2).log(), seed=seed)
    assert report.null_kept == 0


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_finds_what_is_planted_wherever_it_is_planted(seed: int) -> None:
    home = Home(seed)
    clock = home.random.uniform(0.0, 24.0)
    home.habit("light.planted", clock).whims("light.study").motion("binary_sensor.garden_motion", 20)
    _, habits = learned(home.log())
    assert [(habit.entity_id, habit.state) for habit in habits if habit.state == "on"] == [("light.planted", "on")]


def test_tells_how_far_it_is_and_stops_when_told_to() -> None:
    stages: list[str] = []

    class Enough(Exception):
        pass

    def listen(stage: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        stages.append(stage)
        if stage == "testing":
            raise Enough

    with pytest.raises(Enough):
        learn(lived_in().log(), LearnRequest(), NOW, listen)
    assert list(dict.fromkeys(stages)) == ["loading", "mining", "selecting", "testing"]


def test_does_not_write_into_the_log() -> None:
    log = lived_in().log()
    for column in (log.times, log.entities, log.states, log.origins):
        column.flags.writeable = False
    before = np.array(log.times)
    learned(log)
    assert (log.times == before).all()


def _busier(home: Home, start: float, end: float) -> Home:
    """The stretch with everything changed that can be: other and new entities, more states, no light by hand."""
    rows = home.rows
    home.rows = [row for row in rows if not start <= row[0] < end or not row[1].startswith("light.")]
    at = int(start)
    while at < end - HOUR:
        for number, name in enumerate(("binary_sensor.hall_motion", "select.mode", "light.new", "cover.new", "a.b")):
            home.rows.append(
                (at + number * 1000, name, f"{['opening', 'on', 'closing', 'off'][at // HOUR % 4]}", MANUAL)
            )
            home.rows.append((at + number * 1000 + 60_000, name, f"odd {at // HOUR % 12}", UNKNOWN))
        at += HOUR
    return home


def _moody() -> Home:
    """A reaction that holds only in one mode, so that the mode's states decide which rule is best."""
    home = Home(31)
    home.habit("light.kitchen", 6.75, "weekday")
    seen = home.motion("binary_sensor.hall_motion", 12)
    for day in range(home.days):
        home.switch(day * DAY, "select.mode", "home" if day % 2 else "guests", UNKNOWN)
    home.reaction([at for at in seen if at // DAY % 2], "light.hall")
    home.switch(5 * HOUR, "cover.new", "opening", MANUAL)
    home.switch(6 * HOUR, "cover.new", "closed", MANUAL)
    return home


def test_nothing_in_the_test_weeks_changes_what_is_chosen() -> None:
    """Neither other states of an entity that a condition may name, nor new entities, nor new names of states."""
    report, habits = learned(_moody().log())
    assert any("mode" in habit.sentence for habit in habits)
    test = report.split.test
    changed, others = learned(_busier(_moody(), test.start.timestamp() * 1000, test.end.timestamp() * 1000).log())
    for name in ("id", "sentence", "rule", "evidence", "selected"):
        assert [getattr(habit, name) for habit in others] == [getattr(habit, name) for habit in habits]
    for name in ("split", "hypotheses", "discoveries", "kept", "null_kept"):
        assert getattr(changed, name) == getattr(report, name)
    assert [habit.tested for habit in others] != [habit.tested for habit in habits]


def test_an_act_taken_back_in_the_test_weeks_still_counts_in_the_select_weeks() -> None:
    """What is done a minute before the test weeks begin is judged by what was known then."""
    report, _ = learned(lived_in().log())
    edge = int(report.split.test.start.timestamp() * 1000) - MONDAY
    home, taken_back = lived_in(), lived_in()
    for each in (home, taken_back):
        each.switch(edge - 60_000, "light.study", "off")
        each.switch(edge - 30_000, "light.study", "on")
    taken_back.switch(edge + 30_000, "light.study", "off")
    one, other = learned(home.log())[1], learned(taken_back.log())[1]
    assert [habit.selected for habit in one] == [habit.selected for habit in other]


def test_the_select_weeks_do_not_change_what_the_mining_weeks_say() -> None:
    """They choose among rules; the conditions that are tried come from the mining weeks."""
    report, habits = learned(_moody().log())
    home, end = _moody(), int(report.split.select.end.timestamp() * 1000) - MONDAY
    for minute in range(10):
        home.switch(end - 2 * HOUR + minute * 60_000, "select.mode", f"odd {minute}")
    _, others = learned(home.log())
    assert [habit.rule for habit in others] == [habit.rule for habit in habits]
    assert [habit.evidence for habit in others] == [habit.evidence for habit in habits]


def test_mining_weeks_without_any_event_give_no_habits() -> None:
    home = lived_in()
    home.rows = [row for row in home.rows if not MONDAY + 5 * DAY <= row[0] < MONDAY + 55 * DAY]
    report, habits = learned(home.log(), mine_weeks=6, select_weeks=2, test_weeks=2)
    assert (habits, report.hypotheses) == ((), 0)


def test_a_habit_of_many_times_keeps_all_its_days() -> None:
    """The newest 200 times of a light that is switched often reach back a few weeks, its days to the beginning."""
    _, habits = learned(lived_in(days=140).log(), mine_weeks=12)
    evidence = next(habit for habit in habits if habit.kind == "reaction").evidence
    assert len(evidence.times) == 200
    assert evidence.days[0] < f"{evidence.times[0] - timedelta(days=14):%Y-%m-%d}"
    assert len(evidence.days) == evidence.support_days == evidence.observed_days
