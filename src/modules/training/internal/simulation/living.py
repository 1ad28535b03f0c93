"""What an event calls for: the habits that it sets off, what is switched off by chance, comings and goings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from modules.training.internal.simulation.calendar import Day
from modules.training.internal.simulation.devices import AWAY, FRONT_DOOR, PANTRY_LIGHT, motion, person
from modules.training.internal.simulation.habits import After, Crossing, Habit, Held, LastMotion, Scene
from modules.training.internal.simulation.people import MINUTE
from modules.training.internal.simulation.world import AUTOMATION, MANUAL, UNKNOWN, Intent, World

MOVE: Final = "@move"
"""Somebody goes somewhere: the intent's state is "person room awake|asleep"."""
CHECK: Final = "@check"
"""Is a room still without motion? The intent's state is the count of its sensor's changes when that began."""
_FORGOTTEN: Final = 0.25
_PANTRY_SECONDS: Final = 180.0


@dataclass
class Living:
    """Knows the habits by what sets them off. Called by the world after each change."""

    habits: Sequence[Habit]
    _after: dict[tuple[str, str], list[After]] = field(default_factory=lambda: defaultdict(list))
    _crossing: dict[str, list[Crossing]] = field(default_factory=lambda: defaultdict(list))
    _still: dict[str, list[LastMotion]] = field(default_factory=lambda: defaultdict(list))
    _held: dict[tuple[str, str], Held] = field(default_factory=dict)
    _armed: dict[str, bool] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for habit in self.habits:
            if isinstance(habit, After):
                self._after[habit.trigger_entity_id, habit.trigger_state].append(habit)
            elif isinstance(habit, Crossing):
                self._crossing[habit.sensor].append(habit)
            elif isinstance(habit, LastMotion):
                self._still[habit.sensor].append(habit)
            elif isinstance(habit, Held):
                self._held[habit.entity_id, habit.held] = habit
            if habit.state == "off" and not isinstance(habit, After):
                self._kept.add(habit.entity_id)

    def __call__(self, world: World, intent: Intent, day: Day) -> Iterable[Intent]:
        if intent.entity_id == MOVE:
            yield from self._moves(world, intent)
            return
        if intent.entity_id == CHECK:
            yield from self._checks(world, intent, day)
            return
        if intent.hold:
            yield Intent(intent.second + intent.hold, intent.entity_id, "off", UNKNOWN, "hold")
        yield from self._lingers(world, intent, day)
        yield from self._reacts(world, intent, day)
        yield from self._crosses(world, intent, day)
        yield from self._rests(world, intent, day)
        yield from _automatic(intent)

    def _lingers(self, world: World, intent: Intent, day: Day) -> Iterator[Intent]:
        device = world.devices.get(intent.entity_id)
        if device is None or intent.state != device.on or intent.origin != MANUAL:
            return
        entity, held = device.entity_id, self._held.get((device.entity_id, device.on))
        if held is not None and held.on(day) and world.chance(held, day):
            yield Intent(intent.second + held.pause(world.rng), entity, "off", MANUAL, "person", 0.0, held, True)
        elif device.linger is not None and (held is not None or entity not in self._kept):
            later = intent.second + world.rng.uniform(*device.linger) * MINUTE
            yield Intent(later, entity, device.off, MANUAL, "linger")
        elif device.linger is not None:
            later = intent.second + world.rng.uniform(3.0, 6.0) * max(device.linger[1], 30.0) * MINUTE
            yield Intent(later, entity, device.off, MANUAL, "linger")

    def _reacts(self, world: World, intent: Intent, day: Day) -> Iterator[Intent]:
        if intent.cause not in ("person", "presence"):
            return
        for habit in self._after.get((intent.entity_id, intent.state), ()):
            if not self._possible(world, habit, intent.second, day) or not world.chance(habit, day):
                continue
            first = intent.second + world.rng.uniform(*habit.delay)
            cause = "leaving" if intent.state == "not_home" else "person"
            yield Intent(first, habit.entity_id, habit.state, habit.origin, cause, 0.0, habit, True)
            for step in habit.further if isinstance(habit, Scene) else ():
                later = intent.second + world.rng.uniform(*step.delay)
                yield Intent(later, step.entity_id, step.state, habit.origin, "scene", 0.0, habit, True)

    def _crosses(self, world: World, intent: Intent, day: Day) -> Iterator[Intent]:
        for habit in self._crossing.get(intent.entity_id, ()):
            value = float(intent.state)
            if habit.back(value):
                self._armed[habit.name] = True
            elif habit.beyond(value) and self._armed.get(habit.name):
                self._armed[habit.name] = False
                if self._possible(world, habit, intent.second, day) and world.chance(habit, day):
                    later = intent.second + world.rng.uniform(*habit.delay)
                    yield Intent(later, habit.entity_id, habit.state, MANUAL, "person", 0.0, habit, True)

    def _rests(self, world: World, intent: Intent, day: Day) -> Iterator[Intent]:
        """A room fell still: whoever notices comes later, if nobody moves there meanwhile."""
        if intent.state == "off":
            for habit in self._still.get(intent.entity_id, ()):
                if self._possible(world, habit, intent.second, day):
                    later = intent.second + habit.pause(world.rng)
                    count = str(world.touched[intent.entity_id])
                    yield Intent(later, CHECK, f"{habit.name}|{count}", UNKNOWN, "check", 0.0, habit, True)

    def _checks(self, world: World, intent: Intent, day: Day) -> Iterator[Intent]:
        """The time of a check has come."""
        habit, count = intent.habit, int(intent.state.rpartition("|")[2])
        if not isinstance(habit, LastMotion) or world.touched[habit.sensor] != count:
            return
        if self._possible(world, habit, intent.second, day) and world.chance(habit, day):
            yield Intent(intent.second, habit.entity_id, habit.state, MANUAL, "person", 0.0, habit, True)

    def _possible(self, world: World, habit: Habit, second: float, day: Day) -> bool:
        if not habit.on(day) or world.state(habit.entity_id) in (habit.state, "closing", "opening"):
            return False
        return world.anybody(awake=True) and world.holds(habit.conditions, second)

    def _moves(self, world: World, intent: Intent) -> Iterator[Intent]:
        name, room, asleep = intent.state.split(" ")
        before = world.where[name][0]
        world.where[name] = (room, asleep == "asleep")
        if (before == AWAY) == (room == AWAY):
            return
        second, rng = intent.second, world.rng
        yield from _door(second, rng.uniform(4, 14), rng.random() < 0.2)
        told = "not_home" if room == AWAY else "home"
        yield Intent(second + rng.uniform(3, 25), person(name), told, UNKNOWN, "presence")
        if room == AWAY and not world.anybody():
            for device in world.devices.values():
                if device.linger and world.state(device.entity_id) == device.on and rng.random() > _FORGOTTEN:
                    yield Intent(second + rng.uniform(1, 8), device.entity_id, device.off, MANUAL, "leaving")


def _door(second: float, seconds: float, bounces: bool) -> Iterator[Intent]:
    """The contact of the front door; now and then it chatters."""
    yield Intent(second, FRONT_DOOR, "on", UNKNOWN, "person")
    if bounces:
        yield Intent(second + 0.3, FRONT_DOOR, "off", UNKNOWN, "chatter")
        yield Intent(second + 0.7, FRONT_DOOR, "on", UNKNOWN, "chatter")
    yield Intent(second + seconds, FRONT_DOOR, "off", UNKNOWN, "chatter")


def _automatic(intent: Intent) -> Iterator[Intent]:
    """The pantry has a motion light: the home's own automation, on at once and off when nobody moves."""
    if intent.entity_id == motion("pantry"):
        if intent.state == "on":
            yield Intent(intent.second + 0.2, PANTRY_LIGHT, "on", AUTOMATION, "house")
        else:
            yield Intent(intent.second + _PANTRY_SECONDS, PANTRY_LIGHT, "off", AUTOMATION, "house")
