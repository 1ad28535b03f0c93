"""What rules would have been worth."""

from __future__ import annotations

import pytest

from modules.patterns.errors import NotReplayable, UnknownEntity
from modules.patterns.internal.domain import score
from modules.patterns.types import (
    ActivateScene,
    CallService,
    Datum,
    Delay,
    Notice,
    Opaque,
    StateTrigger,
    TimeTrigger,
)

SEVEN = TimeTrigger(at="07:00")
OFF = "00:00 light.hall off"


@pytest.fixture(scope="session")
def card(at):
    def run(log, *rules, start="00:00", end="d1 00:00"):
        return score.scorecard(rules, log, at(start, log.zone.key), at(end, log.zone.key))

    return run


def test_a_firing_before_the_gesture_spares_it(past, make_rule, card):
    found = card(past(OFF, "07:10 light.hall on"), make_rule(SEVEN))
    assert (found.firings, found.effective_firings, found.saved, found.false_firings) == (1, 1, 1, 0)
    assert (found.gestures, found.target_gestures, found.saved_share) == (1, 1, 1.0)
    assert (found.precision.hits, found.precision.tries) == (1, 1)
    assert (found.recall.hits, found.recall.tries) == (1, 1)


def test_a_firing_that_no_gesture_follows_in_time_is_false(past, make_rule, card):
    found = card(past(OFF, "07:15:01 light.hall on"), make_rule(SEVEN))
    assert (found.saved, found.false_firings) == (0, 1)


def test_a_reaction_must_be_quick_to_count_strictly(past, make_rule, card):
    assert card(past(OFF, "07:01:00 light.hall on"), make_rule(SEVEN)).saved_strict == 1
    assert card(past(OFF, "07:01:01 light.hall on"), make_rule(SEVEN)).saved_strict == 0


def test_a_firing_after_the_person_did_it_changes_nothing(past, make_rule, card):
    found = card(past(OFF, "06:59 light.hall on"), make_rule(SEVEN))
    assert (found.firings, found.effective_firings, found.saved, found.false_firings) == (1, 0, 0, 0)


def test_at_the_same_instant_the_person_was_first(past, make_rule, card):
    copycat = make_rule(StateTrigger(entity_ids=("light.hall",), to=("on",)))
    found = card(past(OFF, "07:00 light.hall on"), copycat)
    assert (found.firings, found.effective_firings, found.saved) == (1, 0, 0)


def test_what_is_silent_or_was_never_seen_cannot_be_changed(past, make_rule, card):
    for rows in (
        ("06:00 light.hall unavailable", "07:10 light.hall on"),
        ("06:00 light.hall unknown", "07:10 light.hall on"),
        ("06:00 light.other on", "07:10 light.hall on"),
    ):
        assert card(past(*rows), make_rule(SEVEN)).effective_firings == 0


def test_another_state_is_another_gesture(past, make_rule, card):
    log = past("00:00 light.hall on", "07:10 light.hall off")
    found = card(log, make_rule(SEVEN, do=("light.turn_on", "light.hall")))
    assert (found.gestures, found.target_gestures, found.effective_firings) == (1, 0, 0)
    assert card(log, make_rule(SEVEN, do=("light.turn_off", "light.hall"))).saved == 1


def test_what_an_automation_did_cannot_be_saved(past, make_rule, card):
    found = card(past(OFF, "07:10 light.hall on automation"), make_rule(SEVEN))
    assert (found.gestures, found.saved, found.false_firings) == (0, 0, 1)


MOTION = StateTrigger(entity_ids=("binary_sensor.hall",), to=("on",))


def motions(*times):
    return [
        "00:00 binary_sensor.hall off",
        *(f"{time}:00 binary_sensor.hall on" for time in times),
        *(f"{time}:30 binary_sensor.hall off" for time in times),
    ]


def test_a_light_that_a_firing_switched_on_stays_on_until_the_record_changes(past, make_rule, card):
    log = past(OFF, *motions("07:00", "07:04", "07:09"), "07:10 light.hall on")
    found = card(log, make_rule(MOTION))
    assert (found.firings, found.effective_firings, found.saved, found.false_firings) == (3, 1, 1, 0)


def test_but_only_for_a_quarter_of_an_hour(past, make_rule, card):
    log = past(OFF, *motions("07:00", "07:14", "07:15", "07:29", "07:30"))
    found = card(log, make_rule(MOTION))
    assert (found.firings, found.effective_firings, found.false_firings) == (5, 3, 3)


def test_after_the_record_changed_a_firing_counts_again(past, make_rule, card):
    log = past(OFF, *motions("07:00", "07:08"), "07:02 light.hall on", "07:05 light.hall off")
    found = card(log, make_rule(MOTION))
    assert (found.effective_firings, found.saved, found.false_firings) == (2, 1, 1)


def test_a_rule_told_twice_is_worth_what_it_is_worth_once(past, make_rule, card):
    log = past(OFF, *motions("07:00", "07:04"), "07:10 light.hall on")
    once, twice = card(log, make_rule(MOTION)), card(log, make_rule(MOTION), make_rule(MOTION))
    assert (twice.saved, twice.effective_firings, twice.false_firings) == (1, 1, 0)
    assert (twice.firings, once.firings) == (4, 2)


def test_two_rules_save_one_gesture_once(past, make_rule, card):
    log = past(OFF, "07:10 light.hall on")
    found = card(log, make_rule(SEVEN), make_rule(TimeTrigger(at="07:05")))
    assert (found.firings, found.effective_firings, found.saved, found.false_firings) == (2, 1, 1, 0)
    apart = card(log, make_rule(TimeTrigger(at="06:50")), make_rule(TimeTrigger(at="07:06")))
    assert (apart.effective_firings, apart.saved, apart.false_firings) == (2, 1, 1)


def test_a_rule_that_wants_the_opposite_ends_the_hold(past, make_rule, card):
    log = past(OFF, "12:00 light.hall on")
    on = make_rule(SEVEN, do=("light.turn_on", "light.hall"))
    off = make_rule(TimeTrigger(at="07:03"), do=("light.turn_off", "light.hall"))
    again = make_rule(TimeTrigger(at="07:06"), do=("light.turn_on", "light.hall"))
    assert card(log, on, again).effective_firings == 1
    assert card(log, on, off, again).effective_firings == 2


def test_a_run_that_acts_on_three_lights_is_three_firings(past, make_rule, card, at):
    log = past(*(f"00:00 light.{x} off" for x in "abc"), "07:05 light.a on", "07:06 light.b on")
    rule = make_rule(SEVEN, do=(CallService(service="light.turn_on", entity_ids=("light.a", "light.b", "light.c")),))
    found = card(log, rule)
    assert (found.firings, found.effective_firings, found.saved, found.false_firings) == (3, 3, 2, 1)
    (run,) = score.verdicts(rule, log, at("00:00"), at("d1 00:00"))
    assert (run.effective, run.saved) == (True, True)


def test_an_action_after_a_delay_counts_when_it_happens(past, make_rule, card):
    log = past("00:00 light.hall on", "07:25 light.hall off")
    do = (Delay(seconds=1200), CallService(service="light.turn_off", entity_ids=("light.hall",)))
    assert card(log, make_rule(SEVEN, do=do)).saved == 1
    assert card(log, make_rule(SEVEN, do=do), end="07:15").firings == 0


def test_of_two_triggers_at_once_a_restart_lets_the_first_do_what_it_does_at_once(past, make_rule, card):
    log = past(OFF, "07:10 light.hall on")
    slow = (CallService(service="light.turn_on", entity_ids=("light.hall",)), Delay(seconds=60))
    assert card(log, make_rule(SEVEN, SEVEN, do=slow, mode="restart")).firings == 2


def test_delays_add_up(past, make_rule, card):
    log = past("00:00 light.hall on", "07:25 light.hall off")
    off = CallService(service="light.turn_off", entity_ids=("light.hall",))
    twice = make_rule(SEVEN, do=(Delay(seconds=720), Delay(seconds=480), off))
    assert card(log, twice).saved_strict == 0
    assert card(log, make_rule(SEVEN, do=(Delay(seconds=1000), Delay(seconds=480), off))).saved_strict == 1


def test_a_queued_run_acts_when_it_is_its_turn(past, make_rule, card):
    log = past(OFF, *motions("07:00", "07:05"), "08:00 light.hall on")
    wait = (Delay(seconds=3000), CallService(service="light.turn_on", entity_ids=("light.hall",)))
    assert card(log, make_rule(MOTION, do=wait, mode="parallel")).saved == 1
    queued = card(
        past(OFF, *motions("07:00", "07:05"), "08:41 light.hall on"), make_rule(MOTION, do=wait, mode="queued")
    )
    assert (queued.firings, queued.saved_strict) == (2, 1)


def test_toggling_twice_changes_something_twice(past, make_rule, card):
    log = past(OFF, *motions("07:00", "07:05"))
    assert card(log, make_rule(MOTION, do=("light.toggle", "light.hall"))).effective_firings == 2


def test_recall_is_of_the_gestures_that_the_rule_aims_at(past, make_rule, card):
    log = past(OFF, "00:00 light.other off", "07:10 light.hall on", "09:00 light.other on", "10:00 light.hall off")
    found = card(log, make_rule(SEVEN))
    assert (found.gestures, found.recall.hits, found.recall.tries) == (3, 1, 1)


def test_a_set_temperature_changes_no_state(past, make_rule, card):
    log = past("00:00 climate.a heat", "08:00 climate.a off")
    found = card(log, make_rule(SEVEN, do=("climate.set_temperature", "climate.a")))
    assert (found.firings, found.effective_firings) == (1, 0)


def test_what_a_restart_cuts_off_does_not_happen(past, make_rule, card):
    log = past("00:00 light.hall on", *motions("07:00", "07:05"))
    do = (Delay(seconds=600), CallService(service="light.turn_off", entity_ids=("light.hall",)))
    assert card(log, make_rule(MOTION, do=do, mode="restart")).firings == 1
    assert card(log, make_rule(MOTION, do=do, mode="parallel")).firings == 2


@pytest.mark.parametrize(
    ("service", "entity", "before", "after"),
    [
        ("light.toggle", "light.a", "off", "on"),
        ("homeassistant.toggle", "light.a", "on", "off"),
        ("homeassistant.turn_off", "fan.a", "on", "off"),
        ("cover.close_cover", "cover.a", "open", "closing"),
        ("cover.toggle", "cover.a", "closed", "opening"),
        ("valve.open_valve", "valve.a", "closed", "open"),
        ("media_player.media_pause", "media_player.a", "playing", "paused"),
        ("vacuum.start", "vacuum.a", "docked", "cleaning"),
        ("climate.turn_off", "climate.a", "heat", "off"),
    ],
)
def test_services_bring_their_states_about(past, make_rule, card, service, entity, before, after):
    settled = {"closing": "closed", "opening": "open"}.get(after)
    rows = [f"07:05:20 {entity} {settled}"] if settled else []
    log = past(f"00:00 {entity} {before}", f"07:05 {entity} {after}", *rows)
    found = card(log, make_rule(SEVEN, do=(service, entity)))
    assert (found.target_gestures, found.saved, found.false_firings) == (1, 1, 0)


def test_a_mode_that_is_named_in_the_data_is_the_state(past, make_rule, card):
    log = past("00:00 climate.a off", "07:05 climate.a heat")
    call = CallService(
        service="climate.set_hvac_mode", entity_ids=("climate.a",), data=(Datum(name="hvac_mode", value="heat"),)
    )
    assert card(log, make_rule(SEVEN, do=(call,))).saved == 1


def test_a_player_that_plays_is_already_on(past, make_rule, card):
    log = past("00:00 media_player.a off", "06:00 media_player.a playing", "08:00 media_player.a on")
    assert card(log, make_rule(SEVEN, do=("media_player.turn_on", "media_player.a"))).effective_firings == 0


@pytest.mark.parametrize(
    "action",
    [
        CallService(service="light.turn_on", area_ids=("kitchen",)),
        ActivateScene(entity_id="scene.evening"),
        Opaque(json='{"choose":[]}'),
        CallService(service="script.evening"),
        CallService(service="climate.turn_on", entity_ids=("climate.a",)),
        CallService(service="homeassistant.turn_off", entity_ids=("cover.a",)),
    ],
)
def test_a_rule_whose_effect_nobody_knows_is_not_scored_as_harmless(past, make_rule, card, action):
    log = past(OFF, "00:00 climate.a off", "00:00 cover.a open", "07:10 light.hall on")
    with pytest.raises(NotReplayable, match="effect"):
        card(log, make_rule(SEVEN, do=(action, Delay(seconds=1))))
    known = CallService(service="light.turn_on", entity_ids=("light.hall",))
    assert card(log, make_rule(SEVEN, do=(known, action))).saved == 1


def test_a_rule_that_only_tells_runs_and_changes_nothing(past, make_rule, card):
    rule = make_rule(SEVEN, do=(Notice(message="up"), CallService(service="notify.phone")))
    found = card(past(OFF, "07:10 light.hall on"), rule)
    assert (found.firings, found.effective_firings, found.false_firings) == (1, 0, 0)


def test_a_target_that_was_never_seen_is_named(past, make_rule, card):
    with pytest.raises(UnknownEntity, match=r"light\.ghost"):
        card(past(OFF), make_rule(SEVEN, do=("light.turn_on", "light.ghost")))


def test_rates_are_per_day_that_holds_events(past, make_rule, card):
    log = past(OFF, "07:10 light.hall on", "d9 12:00 light.hall off", "d9 23:00 light.hall on")
    found = card(log, make_rule(TimeTrigger(at="20:00"), do=("light.turn_off", "light.hall")), end="d14 00:00")
    assert (found.days_with_events, found.effective_firings, found.saved) == (2, 9, 0)
    assert found.false_per_day == 4.5
    assert [(net.weight, net.per_week) for net in found.net] == [(1, -31.5), (2, -63.0), (5, -157.5)]


def test_days_are_those_of_the_home(past, make_rule, card):
    log = past("00:30 light.hall off", "23:30 light.hall on", zone="Asia/Tokyo")
    assert card(log, make_rule(SEVEN)).days_with_events == 1


def test_a_weeks_saving_is_weighed_against_what_was_wrong(past, make_rule, card):
    rows = [OFF]
    for day in range(14):
        rows.append(f"d{day} 12:00 light.hall off")
        if day % 2 == 0:
            rows.append(f"d{day} 07:05 light.hall on")
    found = card(past(*rows), make_rule(SEVEN), end="d14 00:00")
    assert (found.days_with_events, found.saved, found.false_firings) == (14, 7, 7)
    assert found.saved_per_week == 3.5
    assert found.saved_share == 0.5
    assert [net.per_week for net in found.net] == [0.0, -3.5, -14.0]


def test_the_window_is_half_open_for_firings_and_gestures(past, make_rule, card):
    log = past(OFF, "07:10 light.hall on", "08:00 light.hall off")
    assert card(log, make_rule(SEVEN), start="07:00", end="07:10").gestures == 0
    assert card(log, make_rule(SEVEN), start="07:00", end="07:10").false_firings == 1
    assert card(log, make_rule(SEVEN), start="07:00:01").firings == 0
    assert card(log, make_rule(SEVEN), start="07:00", end="07:11").saved == 1


def test_an_empty_window_has_an_empty_card(past, make_rule, card):
    found = card(past(OFF), make_rule(SEVEN), start="d5 00:00", end="d6 00:00")
    assert (found.firings, found.days_with_events, found.saved_per_week, found.precision.high) == (0, 0, 0.0, 1.0)


def test_each_run_has_its_verdict(past, make_rule, at):
    log = past(OFF, *motions("07:00", "07:04", "09:00"), "07:10 light.hall on", "08:00 light.hall off")
    found = score.verdicts(make_rule(MOTION), log, at("00:00"), at("d1 00:00"))
    assert [(run.at.hour, run.at.minute, run.effective, run.saved) for run in found] == [
        (7, 0, True, True),
        (7, 4, False, False),
        (9, 0, True, False),
    ]
