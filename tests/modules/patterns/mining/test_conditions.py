"""Reactions of other kinds, and the conditions that keep a rule from being wrong."""

from __future__ import annotations

from tests.modules.patterns.mining.homes import DAY, HOUR, MINUTE, Home, learned

from modules.patterns.internal.domain.log import UNKNOWN
from modules.patterns.types import NumericTrigger, StateCondition, StateTrigger, TimeCondition


def test_a_reaction_of_the_evening_is_kept_to_the_evening() -> None:
    home = Home(21)
    seen = home.motion("binary_sensor.hall_motion", 30)
    home.reaction([at for at in seen if 18 * HOUR <= at % DAY < 22 * HOUR], "light.hall")
    _, habits = learned(home.log())
    (habit,) = (habit for habit in habits if habit.state == "on")
    (hours,) = (part for part in habit.rule.conditions if isinstance(part, TimeCondition))
    assert "17:00:00" <= (hours.after or "") <= "18:30:00"
    assert "21:30:00" <= (hours.before or "") <= "22:30:00"
    assert habit.tested.precision.share > 0.8
    assert "between" in habit.sentence


def test_a_reaction_while_somebody_is_home_is_kept_to_that() -> None:
    home = Home(22)
    away = {day for day in range(home.days) if home.random.random() < 0.5}
    for day in range(home.days):
        home.switch(day * DAY + 5 * HOUR, "person.anna", "not_home" if day in away else "home", UNKNOWN)
    seen = home.motion("binary_sensor.hall_motion", 12)
    home.reaction([at for at in seen if at // DAY not in away], "light.hall")
    _, habits = learned(home.log())
    (habit,) = (habit for habit in habits if habit.state == "on")
    assert StateCondition(entity_ids=("person.anna",), states=("home",)) in habit.rule.conditions
    assert "while Anna is home" in habit.sentence


def test_a_state_that_has_lasted_can_be_the_cause() -> None:
    """Ten minutes after the last motion somebody comes back and switches the light off."""
    home = Home(23)
    for day in range(home.days):
        for hour in (7, 10, 13, 16, 19, 21):
            start = day * DAY + hour * HOUR + int(home.random.uniform(0, 30) * MINUTE)
            home.switch(start, "binary_sensor.study_motion", "on", UNKNOWN)
            home.switch(start + 20_000, "light.study", "on")
            left = start + int(home.random.uniform(10, 60) * MINUTE)
            home.switch(left, "binary_sensor.study_motion", "off", UNKNOWN)
            home.switch(left + int(home.random.uniform(620, 650) * 1000), "light.study", "off")
    _, habits = learned(home.log())
    (habit,) = (habit for habit in habits if habit.state == "off")
    (trigger,) = habit.rule.triggers
    assert isinstance(trigger, StateTrigger)
    assert (trigger.to, trigger.for_seconds) == (("off",), 600.0)


def test_a_number_that_crosses_a_level_can_be_the_cause() -> None:
    home = Home(24)
    for day in range(home.days):
        dusk = day * DAY + int(home.random.uniform(15, 20) * HOUR)
        for at in (*range(day * DAY, dusk, HOUR // 2), *range(dusk, (day + 1) * DAY, HOUR // 2)):
            bright = 400 if at < dusk else 20
            home.switch(at, "sensor.balcony_brightness", str(bright + home.random.randrange(90)), UNKNOWN)
        home.use(dusk + 15_000, "light.living", home.random.uniform(30, 200))
    _, habits = learned(home.log())
    (habit,) = (habit for habit in habits if habit.state == "on")
    (trigger,) = habit.rule.triggers
    assert isinstance(trigger, NumericTrigger)
    assert trigger.below is not None


def test_a_sensor_that_says_nothing_is_no_condition() -> None:
    home = Home(25)
    home.motion("binary_sensor.garden_motion", 20)
    home.reaction(home.motion("binary_sensor.hall_motion", 4), "light.hall", chance=0.8)
    _, habits = learned(home.log())
    (habit,) = (habit for habit in habits if habit.state == "on")
    named = {name for part in habit.rule.conditions if isinstance(part, StateCondition) for name in part.entity_ids}
    assert named <= {"light.hall"}
