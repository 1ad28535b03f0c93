"""A home without habits: the things are used as much as before, and nothing tells when."""

from __future__ import annotations

from collections import Counter

from .homes import Habit, Home, Row, explains


def test_its_truth_holds_no_habit(empty_home: Home) -> None:
    assert empty_home.truth["null"] is True
    assert empty_home.habits == []


def test_what_no_hand_does_stays_as_it_was(home: Home, empty_home: Home) -> None:
    for entity in ("binary_sensor.hall_motion", "sensor.power_meter", "person.anna", "sun.sun"):
        before, after = ({row[:3] for row in one.lines[entity]} for one in (home, empty_home))
        assert before == after


def test_things_are_used_about_as_often(home: Home, empty_home: Home) -> None:
    before, after = (Counter(row.entity_id for row in one.rows if row.origin == "manual") for one in (home, empty_home))
    assert set(before) == set(after)
    for entity, count in before.items():
        assert 0.75 * count - 5 <= after[entity] <= 1.1 * count + 5, entity


def test_no_planted_habit_is_left(home: Home, empty_home: Home) -> None:
    """A habit's share: how many of the acts its own description explains. What remains is what chance explains."""
    for habit in (habit for habit in home.habits if not habit["automated"]):
        before, after = _share(home, habit), _share(empty_home, habit)
        assert after < max(0.6 * before, 0.12), (habit["name"], before, after)


def test_no_hour_of_the_day_stands_out(empty_home: Home) -> None:
    """For each thing and state: its fullest half hour holds little more of its acts than that of all acts together."""
    manual = [row for row in empty_home.rows if row.origin == "manual"]
    together = Counter(_half_hour(row) for row in manual)
    acts = Counter((row.entity_id, row.state) for row in manual)
    for (entity, state), count in acts.items():
        own = Counter(_half_hour(row) for row in manual if (row.entity_id, row.state) == (entity, state))
        slot, most = own.most_common(1)[0]
        expected = count * together[slot] / len(manual)
        assert most <= expected + 5.5 * max(expected, 1.0) ** 0.5, (entity, state, slot, most, expected)


def test_the_planted_home_would_fail_that(home: Home) -> None:
    """The statistic sees habits where there are some."""
    desk = next(one for one in home.habits if one["name"] == "desk lamp when work begins")
    acts = list(home.acts(desk))
    slot, most = Counter(_half_hour(row) for row in acts).most_common(1)[0]
    manual = [row for row in home.rows if row.origin == "manual"]
    expected = len(acts) * sum(_half_hour(row) == slot for row in manual) / len(manual)
    assert most > expected + 5.5 * max(expected, 1.0) ** 0.5


def _share(home: Home, habit: Habit) -> float:
    acts = list(home.acts(habit))
    return sum(explains(home, habit, act) for act in acts) / max(len(acts), 1)


def _half_hour(row: Row) -> int:
    return 2 * row.at.hour + row.at.minute // 30
