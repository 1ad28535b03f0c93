"""When triggers go off, by Home Assistant's rules."""

from __future__ import annotations

import numpy as np
import pytest

from modules.patterns.errors import NotReplayable, UnknownEntity
from modules.patterns.internal.domain import fire
from modules.patterns.internal.domain.conditions import passes
from modules.patterns.types import NumericTrigger, Opaque, StateTrigger, SunCondition, SunTrigger, TimeTrigger

ALL = (0, 2**62)
DOOR = ("binary_sensor.door",)
SEEN = "00:00 light.hall off"


@pytest.fixture(scope="session")
def fired(make_rule, told):
    def run(log, *triggers, **rest):
        return told(fire.firings(make_rule(*triggers, **rest), log, *ALL).times, log.zone.key)

    return run


def door(past, *rows, **place):
    return past(
        SEEN, *(f"{time} binary_sensor.door {state}" for time, state in (row.split("=") for row in rows)), **place
    )


def test_a_state_trigger_goes_off_at_a_transition_into_its_state(past, fired):
    log = door(past, "07:00=off", "08:00=on", "08:30=on", "09:00=off", "10:00=on")
    assert fired(log, StateTrigger(entity_ids=DOOR, to=("on",))) == ["d0 08:00:00", "d0 10:00:00"]


def test_the_first_sighting_is_no_transition(past, fired):
    assert fired(door(past, "07:00=on"), StateTrigger(entity_ids=DOOR, to=("on",))) == []


def test_from_must_be_the_state_that_was_left(past, fired):
    log = door(past, "07:00=off", "08:00=ajar", "09:00=on", "10:00=off", "11:00=on")
    assert fired(log, StateTrigger(entity_ids=DOOR, to=("on",), from_states=("off",))) == ["d0 11:00:00"]
    assert fired(log, StateTrigger(entity_ids=DOOR, from_states=("ajar", "on"))) == ["d0 09:00:00", "d0 10:00:00"]


def test_no_value_matches_only_where_it_is_named(past, fired):
    log = door(past, "07:00=off", "08:00=unavailable", "09:00=on", "10:00=unknown", "11:00=off")
    assert fired(log, StateTrigger(entity_ids=DOOR)) == []
    assert fired(log, StateTrigger(entity_ids=DOOR, to=("on",))) == []
    assert fired(log, StateTrigger(entity_ids=DOOR, to=("unavailable",))) == ["d0 08:00:00"]
    assert fired(log, StateTrigger(entity_ids=DOOR, from_states=("unknown",))) == ["d0 11:00:00"]


def test_several_entities_each_go_off(past, fired):
    log = past(SEEN, "07:00 switch.a off", "07:00 switch.b off", "08:00 switch.b on", "09:00 switch.a on")
    assert fired(log, StateTrigger(entity_ids=("switch.a", "switch.b"), to=("on",))) == ["d0 08:00:00", "d0 09:00:00"]


def test_for_waits_and_forgets_when_the_state_is_left(past, fired):
    log = door(past, "07:00=off", "08:00=on", "08:04:59=off", "09:00=on", "09:05:01=off")
    assert fired(log, StateTrigger(entity_ids=DOOR, to=("on",), for_seconds=300)) == ["d0 09:05:00"]


def test_a_state_that_is_left_as_the_wait_ends_was_left(past, fired):
    log = door(past, "07:00=off", "08:00=on", "08:05:00=off")
    assert fired(log, StateTrigger(entity_ids=DOOR, to=("on",), for_seconds=300)) == []


def test_a_repeated_report_does_not_start_the_wait_again(past, fired):
    log = door(past, "07:00=off", "08:00=on", "08:03=on", "08:30=off")
    assert fired(log, StateTrigger(entity_ids=DOOR, to=("on",), for_seconds=300)) == ["d0 08:05:00"]


def test_a_moment_without_value_ends_the_wait(past, fired):
    log = door(past, "07:00=off", "08:00=on", "08:01=unavailable", "08:02=on")
    assert fired(log, StateTrigger(entity_ids=DOOR, to=("on",), for_seconds=300)) == []


def test_with_from_alone_for_means_not_yet_back(past, fired):
    rows = ("07:00=home", "08:00=shop", "08:02=work", "12:00=home")
    trigger = StateTrigger(entity_ids=DOOR, from_states=("home",), for_seconds=300)
    assert fired(door(past, *rows), trigger) == ["d0 08:05:00"]
    assert fired(door(past, "07:00=home", "08:00=shop", "08:02=work", "08:04=home"), trigger) == []


def test_a_number_goes_off_when_it_crosses_into_the_range(past, fired):
    log = door(past, "07:00=10", "08:00=20", "08:10=21", "09:00=15", "10:00=15.1", "11:00=40")
    assert fired(log, NumericTrigger(entity_ids=DOOR, above=15)) == ["d0 08:00:00", "d0 10:00:00"]
    assert fired(log, NumericTrigger(entity_ids=DOOR, above=15, below=40)) == ["d0 08:00:00", "d0 10:00:00"]
    assert fired(log, NumericTrigger(entity_ids=DOOR, below=16)) == ["d0 09:00:00"]


def test_text_is_passed_over_and_no_value_arms_again(past, fired):
    above = NumericTrigger(entity_ids=DOOR, above=15)
    assert fired(door(past, "07:00=10", "08:00=20", "09:00=hot", "10:00=21"), above) == ["d0 08:00:00"]
    assert fired(door(past, "07:00=10", "08:00=20", "09:00=unavailable", "10:00=21"), above) == [
        "d0 08:00:00",
        "d0 10:00:00",
    ]


def test_a_number_must_stay_in_range_for_the_time(past, fired):
    trigger = NumericTrigger(entity_ids=DOOR, above=15, for_seconds=600)
    log = door(past, "07:00=10", "08:00=20", "08:05=30", "08:20=9", "09:00=16", "09:05=hot", "09:06=16")
    assert fired(log, trigger) == ["d0 08:10:00"]


def test_time_goes_off_every_day_by_the_wall_clock(past, fired):
    log = past("12:00 light.hall off", "d2 12:00 light.hall on", zone="Asia/Tokyo")
    assert fired(log, TimeTrigger(at="07:30")) == ["d0 07:30:00", "d1 07:30:00", "d2 07:30:00"]


def test_a_time_that_the_clock_skips_in_spring_does_not_come(past, fired):
    log = past("2026-03-28 12:00 light.hall off", "2026-03-30 12:00 light.hall on", zone="Europe/Berlin")
    assert fired(log, TimeTrigger(at="02:30")) == ["d26 02:30:00", "d28 02:30:00"]


def test_a_time_that_it_shows_twice_in_autumn_comes_twice(past, make_rule, at):
    log = past("2026-10-25 00:00 light.hall off", "2026-10-25 12:00 light.hall on", zone="Europe/Berlin")
    times = fire.firings(make_rule(TimeTrigger(at="02:30")), log, *ALL).times
    first = at("2026-10-25 00:30")
    assert times.tolist() == [first, first + 3_600_000]


def test_midsummer_sunset_in_amsterdam_is_at_twenty_hours_six_utc(past, fired):
    place = {"latitude": 52.37, "longitude": 4.9}
    log = past("2026-06-21 12:00 light.hall off", "2026-06-21 23:00 light.hall on", **place)
    assert fired(log, SunTrigger(event="sunset"))[0].startswith("d111 20:06")
    assert fired(log, SunTrigger(event="sunset", offset_seconds=-1800))[0].startswith("d111 19:36")


@pytest.mark.parametrize(
    ("place", "zone", "sunrise"),
    [
        ((-31.55, 159.08), "Australia/Lord_Howe", "05:29"),
        ((34.9, 135.7), "Asia/Tokyo", "05:53"),
        ((21.3, -157.86), "Pacific/Honolulu", "06:23"),
        ((52.37, 4.9), "Europe/Amsterdam", "07:45"),
    ],
)
def test_a_dates_sunrise_is_that_of_the_sun_over_the_home(past, holds_sun, place, zone, sunrise):
    latitude, longitude = place
    log = past("2026-10-03 00:00 light.hall off", zone=zone, latitude=latitude, longitude=longitude)
    assert holds_sun(log, "2026-10-03 12:00", sunrise)


@pytest.fixture(scope="session")
def holds_sun(at):
    """Whether "after sunrise" becomes true on that date at that minute of the home's clock."""

    def check(log, noon, sunrise):
        rises = at(f"{noon[:10]} {sunrise}", log.zone.key)
        around = np.array([rises - 60_000, rises + 60_000, at(noon, log.zone.key)], dtype=np.int64)
        return passes((SunCondition(after="sunrise"),), log, around).tolist() == [False, True, True]

    return check


def test_an_offset_of_more_than_a_day_reaches_over_the_edges(past, fired):
    log = past("2026-06-21 00:00 light.hall off", "2026-06-22 23:00 light.hall on", latitude=52.37, longitude=4.9)
    assert len(fired(log, SunTrigger(event="sunrise", offset_seconds=100_000))) == 2


def test_where_the_sun_does_not_set_nothing_goes_off(past, fired):
    log = past("2026-06-21 00:00 light.hall off", "2026-06-22 23:00 light.hall on", latitude=69.65, longitude=18.96)
    assert fired(log, SunTrigger(event="sunset")) == []


def test_without_coordinates_the_sun_cannot_be_replayed(past, fired):
    with pytest.raises(NotReplayable, match="latitude"):
        fired(past(SEEN), SunTrigger(event="sunset"))


def test_a_part_that_is_not_understood_cannot_be_replayed(past, fired):
    with pytest.raises(NotReplayable, match="verbatim"):
        fired(past(SEEN), Opaque(json='{"trigger":"webhook"}'))


def test_an_entity_that_was_never_seen_is_named(past, fired):
    with pytest.raises(UnknownEntity, match=r"switch\.ghost"):
        fired(past(SEEN), StateTrigger(entity_ids=("switch.ghost",), to=("on",)))


def test_any_of_several_triggers_is_enough(past, fired):
    log = door(past, "07:00=off", "08:00=on")
    assert fired(log, StateTrigger(entity_ids=DOOR, to=("on",)), TimeTrigger(at="07:30")) == [
        "d0 07:30:00",
        "d0 08:00:00",
    ]


def test_an_empty_past_has_no_firings(past, make_rule):
    empty = past()
    rule = make_rule(TimeTrigger(at="07:30"))
    assert len(fire.firings(rule, empty, *ALL)) == 0
