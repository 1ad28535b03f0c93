"""What counts as an act of a person."""

from __future__ import annotations

import pytest

from modules.patterns.internal.domain import gestures
from modules.patterns.internal.domain.log import Log


def acts(log: Log) -> list[tuple[str, str]]:
    found = gestures.find(log)
    return [(log.entity_ids[e], log.state_names[s]) for e, s in zip(found.entities, found.states, strict=True)]


def test_a_transition_is_a_gesture_and_the_first_sighting_is_none(past):
    log = past("07:00 light.hall off", "08:00 light.hall on")
    assert acts(log) == [("light.hall", "on")]
    assert gestures.find(log).times.tolist() == [log.times[1]]


def test_a_repeated_report_of_the_same_state_is_none(past):
    log = past("07:00 light.hall off", "08:00 light.hall on", "08:30 light.hall on", "09:00 light.hall on")
    assert acts(log) == [("light.hall", "on")]


@pytest.mark.parametrize("entity", ["light.a", "switch.a", "fan.a", "input_boolean.a", "humidifier.a"])
def test_what_people_switch_has_gestures(past, entity):
    assert acts(past(f"07:00 {entity} off", f"08:00 {entity} on", f"09:00 {entity} off")) == [
        (entity, "on"),
        (entity, "off"),
    ]


@pytest.mark.parametrize(
    "entity",
    [
        "lock.a",
        "alarm_control_panel.a",
        "scene.a",
        "script.a",
        "sensor.a",
        "binary_sensor.a",
        "input_select.a",
        "group.a",
    ],
)
def test_what_no_habit_may_touch_and_what_nobody_operates_has_none(past, entity):
    assert acts(past(f"07:00 {entity} off", f"08:00 {entity} on", f"09:00 {entity} off")) == []


def test_what_an_automation_did_is_none(past):
    log = past("07:00 light.hall off", "08:00 light.hall on automation", "09:00 light.hall off manual")
    assert acts(log) == [("light.hall", "off")]


def test_an_unknown_origin_counts_as_a_hand_and_is_counted(past):
    log = past("07:00 light.hall off", "08:00 light.hall on", "09:00 light.hall off manual")
    found = gestures.find(log)
    assert len(found) == 2
    assert found.unknown_origin == 1
    assert found.unknown.tolist() == [True, False]


@pytest.mark.parametrize("silent", ["unavailable", "unknown"])
def test_falling_silent_and_coming_back_is_none(past, silent):
    log = past("07:00 light.hall off", f"08:00 light.hall {silent}", "09:00 light.hall on", "10:00 light.hall off")
    assert acts(log) == [("light.hall", "off")]


def test_repeats_within_ten_seconds_are_one_with_the_last_state_and_the_first_time(past, at):
    log = past("07:00 climate.a off", "08:00:00 climate.a heat", "08:00:08 climate.a auto", "08:00:18 climate.a cool")
    assert acts(log) == [("climate.a", "cool")]
    assert gestures.find(log).times.tolist() == [at("08:00")]


def test_eleven_seconds_apart_they_are_two(past):
    assert acts(past("07:00 climate.a off", "08:00:00 climate.a heat", "08:00:11 climate.a auto")) == [
        ("climate.a", "heat"),
        ("climate.a", "auto"),
    ]


def test_on_and_off_again_within_ten_seconds_is_none(past):
    assert acts(past("07:00 light.hall off", "08:00:00 light.hall on", "08:00:05 light.hall off")) == []


def test_what_is_taken_back_within_two_minutes_is_none_but_taking_it_back_is_one(past):
    log = past("07:00 light.hall off", "08:00:00 light.hall on", "08:02:00 light.hall off")
    assert acts(log) == [("light.hall", "off")]


def test_what_stays_longer_than_two_minutes_is_one(past):
    log = past("07:00 light.hall off", "08:00:00 light.hall on", "08:02:01 light.hall off")
    assert acts(log) == [("light.hall", "on"), ("light.hall", "off")]


def test_another_state_within_two_minutes_takes_nothing_back(past):
    log = past("07:00 climate.a off", "08:00:00 climate.a heat", "08:01:00 climate.a auto")
    assert acts(log) == [("climate.a", "heat"), ("climate.a", "auto")]


def test_the_two_minutes_run_from_the_last_change_of_a_burst(past):
    log = past("07:00 climate.a off", "08:00:00 climate.a heat", "08:00:09 climate.a auto", "08:02:05 climate.a off")
    assert acts(log) == [("climate.a", "off")]


def test_it_does_not_matter_who_took_it_back(past):
    assert acts(past("07:00 light.hall off", "08:00:00 light.hall on", "08:01:00 light.hall off automation")) == []


def test_two_lights_within_ten_seconds_are_two_gestures(past):
    log = past("07:00 light.a off", "07:00 light.b off", "08:00:00 light.a on", "08:00:01 light.b on")
    assert acts(log) == [("light.a", "on"), ("light.b", "on")]


def test_a_cover_that_moves_is_already_where_it_was_told_to_go(past, at):
    log = past("07:00 cover.a open", "08:00:00 cover.a closing", "08:00:25 cover.a closed")
    assert acts(log) == [("cover.a", "closed")]
    assert gestures.find(log).times.tolist() == [at("08:00")]


def test_a_player_that_falls_idle_was_not_stopped_by_hand(past):
    log = past(
        "07:00 media_player.a off",
        "08:00 media_player.a playing",
        "08:30 media_player.a buffering",
        "08:31 media_player.a playing",
        "09:00 media_player.a idle",
        "10:00 media_player.a off",
        "11:00 media_player.a on",
    )
    assert [state for _, state in acts(log)] == ["playing", "off", "on"]


def test_a_vacuum_that_goes_home_was_not_sent_there(past):
    log = past("07:00 vacuum.a docked", "08:00 vacuum.a cleaning", "09:00 vacuum.a returning", "09:05 vacuum.a docked")
    assert acts(log) == [("vacuum.a", "cleaning")]


def test_they_come_in_the_order_of_time(past):
    log = past("07:00 light.b off", "07:00 light.a off", "08:00 light.b on", "09:00 light.a on", "10:00 light.b off")
    assert acts(log) == [("light.b", "on"), ("light.a", "on"), ("light.b", "off")]


def test_an_empty_log_has_none(past):
    assert acts(past()) == []
