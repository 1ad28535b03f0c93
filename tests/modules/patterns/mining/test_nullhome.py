"""The null home keeps what is not a habit and loses what is."""

from __future__ import annotations

import numpy as np
from tests.modules.patterns.mining.homes import DAY, HOUR, MONDAY, Home, lived_in

from modules.patterns.internal.domain.learn_past import Past
from modules.patterns.internal.domain.nullhome import null_home

END = MONDAY + 400 * DAY


def _clocks(past: Past, entity_id: str) -> np.ndarray:
    entity = past.log.entity_codes[entity_id]
    return past.gestures.of(entity, past.log.state_codes["on"]) % DAY


def test_sensors_stay_as_they_were() -> None:
    past = Past.of(lived_in().log())
    null = Past.of(null_home(past, 1, MONDAY, END))
    code = past.log.entity_codes["binary_sensor.hall_motion"]
    assert (past.line(code).times == null.line(code).times).all()
    assert (past.line(code).states == null.line(code).states).all()


def test_actuators_keep_how_often_and_lose_when() -> None:
    past = Past.of(lived_in().log())
    null = Past.of(null_home(past, 1, MONDAY, END))
    before, after = _clocks(past, "light.kitchen"), _clocks(null, "light.kitchen")
    assert len(before) - 2 <= len(after) <= len(before)
    assert (np.abs(before - 6.75 * HOUR) < HOUR / 2).mean() > 0.9
    assert (np.abs(after - 6.75 * HOUR) < HOUR / 2).mean() < 0.2


def test_people_still_sleep_at_night() -> None:
    home = Home(4).whims("light.study", 4)
    home.motion("binary_sensor.hall_motion", 60)
    past = Past.of(home.log())
    after = _clocks(Past.of(null_home(past, 1, MONDAY, END)), "light.study")
    assert ((after > 1 * HOUR) & (after < 5 * HOUR)).mean() < 0.05


def test_equal_seeds_give_equal_homes_and_others_do_not() -> None:
    past = Past.of(lived_in().log())
    one, same, other = (null_home(past, seed, MONDAY, END).times for seed in (1, 1, -1))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_stays_within_its_stretch_and_in_order() -> None:
    past = Past.of(lived_in().log("America/New_York"))
    start, end = MONDAY + 20 * DAY, MONDAY + 75 * DAY
    log = null_home(past, 3, start, end)
    assert (np.diff(log.times) >= 0).all()
    assert start <= log.times[0]
    assert log.times[-1] < end
