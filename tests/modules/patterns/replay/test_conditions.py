"""What conditions say, by Home Assistant's rules."""

from __future__ import annotations

import numpy as np
import pytest

from modules.patterns.errors import NotReplayable, UnknownEntity
from modules.patterns.internal.domain.clock import clock_of
from modules.patterns.internal.domain.conditions import passes
from modules.patterns.internal.domain.sun import sun_times
from modules.patterns.types import (
    And,
    Not,
    NumericCondition,
    Opaque,
    Or,
    StateCondition,
    SunCondition,
    TimeCondition,
)

MODE = ("input_select.mode",)


@pytest.fixture(scope="session")
def holds(at):
    """At which of the times the condition is true."""

    def run(log, condition, *times):
        instants = np.array([at(time, log.zone.key) for time in times], dtype=np.int64)
        return [time for time, good in zip(times, passes((condition,), log, instants), strict=True) if good]

    return run


def mode(past, *rows, **place):
    return past(*(f"{time} input_select.mode {state}" for time, state in (row.split("=") for row in rows)), **place)


def test_a_state_is_the_last_one_up_to_and_including_the_instant(past, holds):
    log = mode(past, "07:00=home", "08:00=away")
    assert holds(log, StateCondition(entity_ids=MODE, states=("away",)), "07:59:59", "08:00", "09:00") == [
        "08:00",
        "09:00",
    ]


def test_for_is_told_from_the_last_transition_on(past, holds):
    log = mode(past, "07:00=home", "08:00=away", "08:30=away")
    condition = StateCondition(entity_ids=MODE, states=("away",), for_seconds=3600)
    assert holds(log, condition, "08:30", "08:59:59", "09:00:00") == ["09:00:00"]


def test_all_entities_must_be_in_the_state(past, holds):
    log = past("07:00 switch.a on", "07:00 switch.b off", "08:00 switch.b on")
    condition = StateCondition(entity_ids=("switch.a", "switch.b"), states=("on",))
    assert holds(log, condition, "07:30", "08:30") == ["08:30"]


def test_numbers_are_compared_strictly_and_no_value_is_outside(past, holds):
    log = mode(past, "07:00=20", "08:00=20.5", "09:00=30", "10:00=unavailable")
    condition = NumericCondition(entity_ids=MODE, above=20, below=30)
    assert holds(log, condition, "07:30", "08:30", "09:30", "10:30") == ["08:30"]


def test_what_cannot_be_told_never_passes_not_even_negated(past, holds):
    log = mode(past, "07:00=20", "08:00=warm")
    warm = NumericCondition(entity_ids=MODE, above=25)
    assert holds(log, Not(conditions=(warm,)), "06:00", "07:30", "08:30") == ["07:30"]
    unseen = StateCondition(entity_ids=MODE, states=("20",))
    assert holds(log, Not(conditions=(unseen,)), "06:00", "08:30") == ["08:30"]


def test_no_value_is_outside_the_range_so_not_passes(past, holds):
    log = mode(past, "07:00=20", "08:00=unavailable")
    assert holds(log, Not(conditions=(NumericCondition(entity_ids=MODE, above=25),)), "08:30") == ["08:30"]


def test_a_true_part_of_or_outweighs_what_cannot_be_told_and_a_false_part_of_and_too(past, holds):
    log = mode(past, "07:00=warm")
    broken, true = NumericCondition(entity_ids=MODE, above=25), StateCondition(entity_ids=MODE, states=("warm",))
    false = StateCondition(entity_ids=MODE, states=("cold",))
    assert holds(log, Or(conditions=(broken, true)), "08:00") == ["08:00"]
    assert holds(log, Or(conditions=(broken, false)), "08:00") == []
    assert holds(log, Not(conditions=(And(conditions=(broken, false)),)), "08:00") == ["08:00"]
    assert holds(log, And(conditions=(broken, true)), "08:00") == []


def test_not_means_none_of_them(past, holds):
    log = mode(past, "07:00=a", "08:00=b", "09:00=c")
    parts = tuple(StateCondition(entity_ids=MODE, states=(name,)) for name in "ab")
    assert holds(log, Not(conditions=parts), "07:30", "08:30", "09:30") == ["09:30"]


def test_a_time_window_has_its_start_and_not_its_end(past, holds):
    log = mode(past, "00:00=x")
    window = TimeCondition(after="07:00", before="09:00")
    assert holds(log, window, "06:59:59", "07:00", "08:59:59", "09:00") == ["07:00", "08:59:59"]


def test_a_time_window_goes_over_midnight(past, holds):
    log = mode(past, "00:00=x")
    night = TimeCondition(after="22:00", before="06:00")
    assert holds(log, night, "21:59", "22:00", "23:59:59", "00:00", "05:59", "06:00") == [
        "22:00",
        "23:59:59",
        "00:00",
        "05:59",
    ]


def test_one_end_may_be_open_and_equal_ends_are_always(past, holds):
    log = mode(past, "00:00=x")
    assert holds(log, TimeCondition(after="22:00"), "21:59", "23:59:59", "00:00") == ["23:59:59"]
    assert holds(log, TimeCondition(before="06:00"), "05:59", "06:00") == ["05:59"]
    assert holds(log, TimeCondition(after="06:00", before="06:00"), "05:59", "06:00") == ["05:59", "06:00"]


def test_weekdays_are_those_of_the_home(past, holds):
    log = mode(past, "00:00=x", zone="Asia/Tokyo")
    weekend = TimeCondition(weekdays=("sat", "sun"))
    assert holds(log, weekend, "d4 23:59", "d5 00:00", "d6 23:59", "d7 00:00") == ["d5 00:00", "d6 23:59"]


AMSTERDAM = {"latitude": 52.37, "longitude": 4.9}
"""On 2 March 2026 the sun rises at 06:22 and sets at 17:20 UTC."""


def test_the_sun_is_todays_and_from_sunset_to_sunrise_is_the_night(past, holds):
    log = mode(past, "00:00=x", **AMSTERDAM)
    times = ("03:00", "12:00", "20:00")
    assert holds(log, SunCondition(after="sunrise"), *times) == ["12:00", "20:00"]
    assert holds(log, SunCondition(before="sunrise"), *times) == ["03:00"]
    assert holds(log, SunCondition(after="sunset"), *times) == ["20:00"]
    assert holds(log, SunCondition(after="sunrise", before="sunset"), *times) == ["12:00"]
    assert holds(log, SunCondition(after="sunset", before="sunrise"), *times) == ["03:00", "20:00"]


def test_offsets_move_the_suns_events(past, holds):
    log = mode(past, "00:00=x", **AMSTERDAM)
    late = SunCondition(after="sunset", after_offset_seconds=3600)
    assert holds(log, late, "17:30", "18:10", "18:30") == ["18:30"]
    early = SunCondition(before="sunrise", before_offset_seconds=-3600)
    assert holds(log, early, "05:00", "05:40") == ["05:00"]


def test_at_sunset_itself_it_is_after_it_and_no_longer_before(past):
    log = mode(past, "00:00=x", **AMSTERDAM)
    sunset = sun_times(log, "sunset", clock_of(log, int(log.times[0]), int(log.times[0])).day(log.times))
    assert passes((SunCondition(after="sunset"),), log, sunset).tolist() == [True]
    assert passes((SunCondition(after="sunset", before="sunrise"),), log, sunset).tolist() == [True]
    assert passes((SunCondition(before="sunset"),), log, sunset).tolist() == [False]


def test_a_home_whose_clock_is_far_from_its_sun_has_the_next_dates_event(past, holds):
    """At 170 degrees west by Kiribati's clock, the sun of a date rises by the home's clock on the next."""
    log = mode(past, "2026-03-20 00:00=x", zone="Etc/GMT+12", latitude=0.0, longitude=179.0)
    assert holds(log, SunCondition(after="sunrise"), "2026-03-20 05:00", "2026-03-20 07:00") == ["2026-03-20 07:00"]


def test_a_day_without_sunset_is_not_after_it_nor_before(past, holds):
    log = mode(past, "2026-06-21 00:00=x", latitude=69.65, longitude=18.96)
    for condition in (SunCondition(after="sunset"), SunCondition(before="sunset")):
        assert holds(log, condition, "2026-06-21 12:00", "2026-06-21 23:00") == []


def test_what_is_not_understood_or_not_known_is_refused(past, holds):
    log = mode(past, "00:00=x")
    with pytest.raises(NotReplayable, match="verbatim"):
        holds(log, Or(conditions=(Opaque(json="{}"),)), "08:00")
    with pytest.raises(NotReplayable, match="latitude"):
        holds(log, SunCondition(after="sunset"), "08:00")
    with pytest.raises(UnknownEntity, match=r"switch\.ghost"):
        holds(log, StateCondition(entity_ids=("switch.ghost",), states=("on",)), "08:00")
