"""Laws that hold for any past and any rule."""

from __future__ import annotations

import itertools
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modules.patterns.internal.domain import fire, gestures, score
from modules.patterns.internal.domain.clock import DAY_MS, clock_of
from modules.patterns.internal.domain.log import Log
from modules.patterns.types import (
    CallService,
    Delay,
    Not,
    NumericCondition,
    NumericTrigger,
    Or,
    Rule,
    StateCondition,
    StateTrigger,
    TimeCondition,
    TimeTrigger,
)

ENTITIES = ("binary_sensor.hall", "light.hall", "light.kitchen", "sensor.lux")
STATES = ("10", "20", "off", "on", "unavailable")
OF_ENTITY = ((2, 3, 4), (2, 3, 4), (2, 3, 4), (0, 1, 4))
START = 1_772_409_600_000
"""Monday, 2 March 2026, 00:00 UTC."""
MINUTE = 60_000

rows = st.lists(
    st.tuples(st.integers(0, 3 * 1440), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), max_size=60
)


def log_of(told: list[tuple[int, int, int, int]], zone: str = "UTC") -> Log:
    known = sorted({(START + m * MINUTE, e, OF_ENTITY[e][s]): o for m, e, s, o in told}.items())
    return Log(
        times=np.array([key[0] for key, _ in known], dtype=np.int64),
        entities=np.array([key[1] for key, _ in known], dtype=np.int32),
        states=np.array([key[2] for key, _ in known], dtype=np.int32),
        origins=np.array([origin for _, origin in known], dtype=np.uint8),
        entity_ids=ENTITIES,
        state_names=STATES,
        zone=ZoneInfo(zone),
    )


clock = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
names = st.sampled_from(("on", "off", "unavailable"))
waits = st.sampled_from((0.0, 60.0, 600.0))
triggers = st.one_of(
    st.builds(
        StateTrigger,
        entity_ids=st.sampled_from((ENTITIES[:1], ENTITIES[:2])),
        to=st.lists(names, max_size=2, unique=True).map(tuple),
        from_states=st.lists(names, max_size=2, unique=True).map(tuple),
        for_seconds=waits,
    ),
    st.builds(NumericTrigger, entity_ids=st.just(ENTITIES[3:]), above=st.just(15.0), for_seconds=waits),
    st.builds(TimeTrigger, at=clock),
)
plain = st.one_of(
    st.builds(
        StateCondition, entity_ids=st.just(ENTITIES[:1]), states=names.map(lambda name: (name,)), for_seconds=waits
    ),
    st.builds(NumericCondition, entity_ids=st.just(ENTITIES[3:]), above=st.just(15.0)),
    st.builds(TimeCondition, after=clock, before=clock, weekdays=st.sampled_from(((), ("mon", "tue"), ("wed",)))),
)
pairs = st.lists(plain, min_size=1, max_size=2).map(tuple)
conditions = st.one_of(plain, st.builds(Or, conditions=pairs), st.builds(Not, conditions=pairs))
calls = st.builds(
    CallService,
    service=st.sampled_from(("light.turn_on", "light.turn_off", "light.toggle")),
    entity_ids=st.sampled_from((("light.hall",), ("light.hall", "light.kitchen"))),
)
rules = st.builds(
    Rule,
    name=st.just("r"),
    triggers=st.lists(triggers, min_size=1, max_size=2).map(tuple),
    conditions=st.lists(conditions, max_size=2).map(tuple),
    actions=st.one_of(calls.map(lambda one: (one,)), st.tuples(calls, st.just(Delay(seconds=900)), calls)),
    mode=st.sampled_from(("single", "restart", "queued", "parallel")),
    max_runs=st.integers(1, 3),
)
END = START + 4 * DAY_MS


@given(rows, rules)
def test_the_figures_of_a_card_add_up(told, rule):
    card = score.scorecard([rule], log_of(told), START, END)
    assert card.effective_firings == card.saved + card.false_firings
    assert card.saved <= min(card.target_gestures, card.effective_firings)
    assert card.saved_strict <= card.saved
    assert card.target_gestures <= card.gestures
    assert card.effective_firings <= card.firings


@given(rows, rules, st.integers(0, 4 * 1440), st.integers(0, 4 * 1440))
def test_firings_of_neighbouring_windows_add_up(told, rule, one, other):
    log = log_of(told)
    cuts = [START, START + min(one, other) * MINUTE, START + max(one, other) * MINUTE, END]
    parts = [fire.firings(rule, log, *cut).times.tolist() for cut in itertools.pairwise(cuts)]
    assert list(itertools.chain.from_iterable(parts)) == fire.firings(rule, log, START, END).times.tolist()


@given(rows, rules, st.integers(1, 60))
def test_a_past_some_weeks_later_fires_as_much_later(told, rule, weeks):
    log, shift = log_of(told), weeks * 7 * DAY_MS
    later = replace(log, times=log.times + shift)
    assert (fire.all_firings(rule, later).times - shift).tolist() == fire.all_firings(rule, log).times.tolist()
    here, there = score.scorecard([rule], log, START, END), score.scorecard([rule], later, START + shift, END + shift)
    assert (here.saved, here.effective_firings, here.gestures) == (there.saved, there.effective_firings, there.gestures)


@given(rows, rules, st.lists(st.integers(0, 3 * 1440), max_size=10))
def test_an_entity_that_the_rule_does_not_name_changes_nothing(told, rule, minutes):
    log = log_of(told)
    if not len(log):
        return
    inside = [START + m * MINUTE for m in minutes if log.times[0] <= START + m * MINUTE <= log.times[-1]]
    times = np.concatenate((log.times, np.array(inside, dtype=np.int64)))
    entities = np.concatenate((log.entities, np.full(len(inside), 4, dtype=np.int32)))
    order = np.lexsort((entities, times))
    more = replace(
        log,
        times=times[order],
        entities=entities[order],
        states=np.concatenate((log.states, np.full(len(inside), 3, dtype=np.int32)))[order],
        origins=np.concatenate((log.origins, np.zeros(len(inside), dtype=np.uint8)))[order],
        entity_ids=(*ENTITIES, "sensor.noise"),
    )
    assert score.verdicts(rule, more, START, END) == score.verdicts(rule, log, START, END)


@given(rows, rules)
def test_conditions_only_take_firings_away(told, rule):
    log = log_of(told)
    bare = Rule(name="r", triggers=rule.triggers, actions=rule.actions[:1])
    guarded = Rule(name="r", triggers=rule.triggers, actions=rule.actions[:1], conditions=rule.conditions)
    every = fire.all_firings(bare, log).times.tolist()
    for at in fire.all_firings(guarded, log).times.tolist():
        every.remove(at)


@given(rows, st.lists(rules, min_size=1, max_size=3))
def test_rules_together_fire_as_often_as_each_and_save_no_more_than_there_is(told, several):
    log = log_of(told)
    together = score.scorecard(several, log, START, END)
    assert together.saved <= together.target_gestures
    assert together.firings == sum(score.scorecard([rule], log, START, END).firings for rule in several)


@given(rows, rules)
def test_a_rule_told_twice_is_worth_what_it_is_worth_once(told, rule):
    if any(action.service == "light.toggle" for action in rule.actions if isinstance(action, CallService)):
        return
    log = log_of(told)
    once, twice = (score.scorecard([rule] * count, log, START, END) for count in (1, 2))
    assert (twice.saved, twice.effective_firings) == (once.saved, once.effective_firings)


@given(rows, rules)
def test_runs_have_as_many_verdicts_as_firings(told, rule):
    log = log_of(told)
    found = score.verdicts(rule, log, START, END)
    assert len(found) == len(fire.firings(rule, log, START, END))
    assert all(run.effective for run in found if run.saved)


@given(rows)
def test_every_gesture_is_a_transition_of_an_actuator_by_a_hand(told):
    log = log_of(told)
    rows = set(zip(log.times.tolist(), log.entities.tolist(), strict=True))
    found = gestures.find(log)
    assert found.times.tolist() == sorted(found.times.tolist())
    for at, entity, state in zip(found.times.tolist(), found.entities.tolist(), found.states.tolist(), strict=True):
        assert (at, entity) in rows
        assert log.entity_ids[entity].startswith("light.")
        assert log.state_names[state] in ("on", "off")


@settings(max_examples=200)
@example("Pacific/Apia", 1_325_289_600)
@given(
    st.sampled_from(("Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Apia")),
    st.integers(1_230_768_000, 1_900_000_000),
)
def test_the_clock_agrees_with_zoneinfo_at_any_second(zone, second):
    log = replace(log_of([]), zone=ZoneInfo(zone))
    at = np.array([second * 1000], dtype=np.int64)
    local = score.instant(second * 1000).astimezone(ZoneInfo(zone))
    wall = clock_of(log, int(at[0]), int(at[0]))
    assert int(wall.time_of_day_ms(at)[0]) == ((local.hour * 60 + local.minute) * 60 + local.second) * 1000
    assert int(wall.weekday(at)[0]) == local.weekday()
    assert int(wall.day(at)[0]) == local.toordinal() - 719_163
    today = local.toordinal() - 719_163
    begin = wall.midnight(today)
    assert wall.day(np.array([begin, begin - 1])).tolist()[0] == today
    assert wall.day(np.array([begin, begin - 1])).tolist()[1] < today
    assert (np.diff(wall.midnights(today - 3, today + 3)) >= 0).all()
