"""Which habits a home has: drawn from what its rooms and people allow, each thing's state at most once.

Every home gets most of the kinds. Times hang on the plans of the people, so that homes differ; strengths lie between
0.78 and 0.95, because nobody does anything always.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from modules.training.internal.simulation.devices import (
    AWAY,
    DAYLIGHT,
    HALL,
    HUMIDITY,
    WASHING_POWER,
    Device,
    motion,
    person,
)
from modules.training.internal.simulation.habits import (
    After,
    AtSun,
    AtTime,
    Condition,
    Crossing,
    Habit,
    Held,
    LastMotion,
    Scene,
    Step,
)
from modules.training.internal.simulation.households import Household
from modules.training.internal.simulation.people import MINUTE, Person, clock

DARK: Final = Condition("dark")
_CHANCE: Final = 0.85


@dataclass(frozen=True)
class Soil:
    """What a habit can grow from."""

    household: Household
    devices: Mapping[str, Device]
    days: int
    rng: Random

    @property
    def regular(self) -> Person | None:
        """Somebody whose working days look alike."""
        return next((person for person in self.household.people if person.regular), None)

    @property
    def worker(self) -> Person | None:
        """Somebody who works in the study."""
        return next((one for one in self.household.people if one.mark("study") is not None), None)

    def strength(self) -> float:
        return round(self.rng.uniform(0.78, 0.95), 2)

    def near(self, second: float, minutes: float) -> float:
        """A time near another, on a full minute."""
        return round(second / MINUTE + self.rng.uniform(-minutes, minutes)) * MINUTE

    def some(self, low: float, high: float) -> float:
        return round(self.rng.uniform(low, high), 1)


def plant(soil: Soil) -> tuple[Habit, ...]:
    """The habits of this home. Things that do not exist have none; what two habits claim, the first one gets."""
    claimed: set[tuple[str, str]] = set()
    planted: list[Habit] = []
    for grow in _KINDS:
        for habit in grow(soil):
            acts = {(habit.entity_id, habit.state)}
            if isinstance(habit, Scene):
                acts |= {(step.entity_id, step.state) for step in habit.further}
            known = all(entity in soil.devices for entity, _ in acts)
            if known and not acts & claimed and soil.rng.random() < _CHANCE:
                claimed |= acts
                planted.append(habit)
    return tuple(planted)


def _time(soil: Soil, name: str, act: tuple[str, str], at: float, jitter: tuple[float, float], **more: Any) -> AtTime:
    wanted = {"strength": soil.strength(), **more}
    return AtTime(name=name, entity_id=act[0], state=act[1], at=at, jitter_minutes=soil.some(*jitter), **wanted)


def _mornings(soil: Soil) -> Iterator[Habit]:
    who = soil.regular
    if who is None:
        return
    wake = who.wakes
    kind = {"days": "weekday"} if len(who.workdays) == 5 else {}
    yield _time(
        soil,
        "kitchen light in the morning",
        ("light.kitchen_ceiling", "on"),
        soil.near(wake + 240, 3),
        (2.5, 5),
        **kind,
    )
    yield _time(
        soil,
        "blinds open in the morning",
        ("cover.living_room_blinds", "open"),
        soil.near(wake + 2900, 8),
        (3, 6),
        **kind,
    )


def _desk(soil: Soil) -> Iterator[Habit]:
    who = soil.worker
    begin = who.mark("study") if who else None
    end = who.mark("living_room") if who else None
    if begin is None or end is None:
        return
    yield _time(
        soil,
        "desk lamp when work begins",
        ("light.study_desk", "on"),
        soil.near(begin + 180, 3),
        (3, 5),
        days="weekday",
    )
    yield _time(
        soil,
        "desk lamp off when work ends",
        ("light.study_desk", "off"),
        soil.near(end - 120, 4),
        (4, 8),
        days="weekday",
    )


def _evening_lamp(soil: Soil) -> Iterator[Habit]:
    lamp = ("light.living_room_lamp", "on")
    choice = soil.rng.choice(("time", "sun", "daylight"))
    if choice == "time":
        yield _time(soil, "living room lamp in the evening", lamp, soil.near(clock("18:50"), 20), (4, 8))
    elif choice == "sun":
        yield AtSun(
            name="living room lamp at sunset",
            entity_id=lamp[0],
            state=lamp[1],
            strength=soil.strength(),
            event="sunset",
            offset_minutes=round(soil.rng.uniform(-15, 30)),
            jitter_minutes=soil.some(4, 8),
        )
    else:
        level = round(soil.rng.uniform(25, 60))
        yield Crossing(
            name="living room lamp when it gets dim",
            entity_id=lamp[0],
            state=lamp[1],
            strength=soil.strength(),
            conditions=(Condition("between", after=clock("12:00"), before=clock("23:00")),),
            sensor=DAYLIGHT,
            level=level,
            rearm=2.5 * level,
            delay=(20, 200),
        )


def _blinds(soil: Soil) -> Iterator[Habit]:
    entity = "cover.living_room_blinds"
    if soil.rng.random() < 0.5:
        yield _time(soil, "blinds closed in the evening", (entity, "closed"), soil.near(clock("21:20"), 20), (3, 7))
    else:
        yield AtSun(
            name="blinds closed after sunset",
            entity_id=entity,
            state="closed",
            strength=soil.strength(),
            event="sunset",
            offset_minutes=round(soil.rng.uniform(10, 45)),
            jitter_minutes=soil.some(4, 8),
        )


def _free_days(soil: Soil) -> Iterator[Habit]:
    at = soil.near(clock("09:15"), 15)
    yield _time(soil, "coffee on free mornings", ("switch.coffee_machine", "on"), at, (5, 9), days="weekend")
    day = soil.rng.choice(("sat", "sun"))
    at = soil.near(clock("10:05"), 20)
    act = ("media_player.kitchen_radio", "playing")
    yield _time(soil, f"kitchen radio on {day}", act, at, (4, 8), days=day)
    day = soil.rng.choice(("tue", "wed", "thu"))
    act = ("light.living_room_shelf", "on")
    yield _time(soil, f"shelf light on {day}", act, soil.near(clock("19:40"), 20), (4, 8), days=day)


def _midnight(soil: Soil) -> Iterator[Habit]:
    at = soil.near(clock("23:58"), 6)
    yield _time(soil, "bedside lamp off around midnight", ("light.bedroom_bedside", "off"), at, (7, 12))


def _reactions(soil: Soil) -> Iterator[Habit]:
    yield _after(soil, "hall light after motion in the dark", (motion(HALL), "on"), ("light.hall", "on"), (2, 7), DARK)
    yield _after(soil, "mirror light on entering", (motion("bathroom"), "on"), ("light.bathroom_mirror", "on"), (2, 6))
    if soil.rng.random() < 0.5:
        yield _after(
            soil, "fan after the mirror light", ("light.bathroom_mirror", "on"), ("fan.bathroom", "on"), (6, 14)
        )
    else:
        yield Crossing(
            name="fan when it gets damp",
            entity_id="fan.bathroom",
            state="on",
            strength=soil.strength(),
            sensor=HUMIDITY,
            level=round(soil.rng.uniform(66, 72)),
            rearm=60.0,
            delay=(5, 45),
        )
    goers = [one for one in soil.household.people if one.mark(AWAY) is not None]
    if goers:
        who = soil.rng.choice(goers)
        trigger, act = (person(who.name), "home"), ("light.kitchen_counter", "on")
        yield _after(soil, f"counter light when {who.name} comes home", trigger, act, (15, 55))


def _after(
    soil: Soil,
    name: str,
    trigger: tuple[str, str],
    act: tuple[str, str],
    delay: tuple[float, float],
    *conditions: Condition,
) -> After:
    return After(
        name=name,
        entity_id=act[0],
        state=act[1],
        strength=soil.strength(),
        conditions=conditions,
        trigger_entity_id=trigger[0],
        trigger_state=trigger[1],
        delay=delay,
    )


def _film(soil: Soil) -> Iterator[Habit]:
    television = "media_player.living_room_tv"
    off = ("light.living_room_ceiling", "off")
    if soil.rng.random() < 0.5:
        who = soil.rng.choice(soil.household.people)
        present = Condition("is", person(who.name), "home")
        yield _after(soil, "ceiling light off for the film", (television, "playing"), off, (5, 14), present)
        return
    yield Scene(
        name="film scene",
        entity_id=off[0],
        state=off[1],
        strength=soil.strength(),
        trigger_entity_id=television,
        trigger_state="playing",
        delay=(5, 14),
        further=(Step("light.living_room_lamp", "off", (8, 24)), Step("light.kitchen_ceiling", "off", (20, 50))),
    )


def _bedtime(soil: Soil) -> Iterator[Habit]:
    yield Scene(
        name="going to bed",
        entity_id="cover.bedroom_blinds",
        state="closed",
        strength=soil.strength(),
        conditions=(Condition("between", after=clock("20:00")),),
        trigger_entity_id="light.bedroom_ceiling",
        trigger_state="on",
        delay=(8, 30),
        further=(Step("light.bedroom_bedside", "on", (32, 70)), Step("light.bedroom_ceiling", "off", (75, 140))),
        sequence=True,
    )


def _turning_off(soil: Soil) -> Iterator[Habit]:
    for name, entity, room in (("hall light", "light.hall", HALL), ("counter", "light.kitchen_counter", "kitchen")):
        yield LastMotion(
            name=f"{name} off when nobody moves",
            entity_id=entity,
            state="off",
            strength=soil.strength(),
            sensor=motion(room),
            minutes=soil.some(2, 5),
            jitter_minutes=0.3,
        )


def _durations(soil: Soil) -> Iterator[Habit]:
    for name, entity, minutes in (
        ("coffee machine", "switch.coffee_machine", 40.0),
        ("hood", "fan.kitchen_hood", 15.0),
    ):
        yield Held(
            name=f"{name} off after a while",
            entity_id=entity,
            state="off",
            strength=soil.strength(),
            held="on",
            minutes=round(minutes * soil.rng.uniform(0.7, 1.3)),
            jitter_minutes=1.5,
        )


def _laundry(soil: Soil) -> Iterator[Habit]:
    yield Crossing(
        name="washing machine's plug off when it is done",
        entity_id="switch.washing_machine",
        state="off",
        strength=soil.strength(),
        sensor=WASHING_POWER,
        level=5.0,
        rearm=40.0,
        delay=(60, 240),
    )


def _changing(soil: Soil) -> Iterator[Habit]:
    """One habit that ended, one that moves a few minutes a week."""
    end = round(soil.days * soil.rng.uniform(0.45, 0.6))
    act = ("light.bedroom_ceiling", "on")
    yield _time(soil, "bedroom light, until it ended", act, soil.near(clock("20:30"), 20), (4, 7), last_day=end)
    drift = soil.rng.choice((-3.0, -2.0, 2.0, 3.0))
    act = ("media_player.kitchen_radio", "off")
    yield _time(soil, "radio off, drifting", act, soil.near(clock("12:50"), 20), (3, 6), drift=drift)


def _automated(soil: Soil) -> Iterator[Habit]:
    """What the home's own automations do already."""
    who = soil.regular
    at = soil.near((who.wakes if who else clock("08:30")) + 1200, 5)
    act = ("cover.bedroom_blinds", "open")
    told: dict[str, Any] = {"days": "weekday", "automated": True, "strength": 1.0}
    yield AtTime(
        name="bedroom blinds open by themselves", entity_id=act[0], state=act[1], at=at, jitter_minutes=0.0, **told
    )


_KINDS: Final[tuple[Callable[[Soil], Iterator[Habit]], ...]] = (
    _mornings,
    _desk,
    _evening_lamp,
    _blinds,
    _free_days,
    _midnight,
    _reactions,
    _film,
    _bedtime,
    _turning_off,
    _durations,
    _laundry,
    _changing,
    _automated,
)
