"""One home, lived through: calendar, people, habits and noise put together and let happen.

calendar -> where people are -> intents, day by day -> the world -> (null home: shuffled) -> what the log loses
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from modules.training.internal.simulation.calendar import DAY, Day, calendar, skipped
from modules.training.internal.simulation.devices import ROBOT, SUN, of_rooms, person
from modules.training.internal.simulation.habits import AtSun, AtTime, Habit
from modules.training.internal.simulation.households import HOUSEHOLDS, Household
from modules.training.internal.simulation.living import Living
from modules.training.internal.simulation.noise import customs, house, moves, whims
from modules.training.internal.simulation.nullhome import shuffled
from modules.training.internal.simulation.outages import lossy, outages
from modules.training.internal.simulation.people import Stay, stays
from modules.training.internal.simulation.planting import Soil, plant
from modules.training.internal.simulation.readings import readings, showers
from modules.training.internal.simulation.world import AUTOMATION, MANUAL, Account, Change, Intent, World

Tell = Callable[[str, int, int], None]
_EARLIEST = date(2025, 1, 6)
RAREST_A_WEEK = 0.5
"""What was possible less often than this was no habit in these weeks, whatever was planned."""


@dataclass(frozen=True)
class Order:
    """What is asked for. `first`: a Monday, or None for one that the seed chooses. `null`: without habits."""

    seed: int
    weeks: int
    home_type: str
    null: bool = False
    first: date | None = None


@dataclass(frozen=True)
class Lived:
    """A home's past, and all that is true of it."""

    order: Order
    household: Household
    first: date
    days: tuple[Day, ...]
    habits: tuple[Habit, ...]
    accounts: dict[str, Account]
    changes: list[Change]


def live(order: Order, tell: Tell = lambda stage, done, total: None) -> Lived:
    """Simulate. The same order gives the same home, change by change."""
    household = HOUSEHOLDS[order.home_type]
    first = order.first or _EARLIEST + timedelta(weeks=_rng(order, "first").randrange(60))
    names = [one.name for one in household.people]
    days = calendar(household.place, household.luck, names, first, order.weeks, _rng(order, "calendar"))
    lives = [stays(one, days, _rng(order, f"stays {one.name}")) for one in household.people]
    devices = of_rooms(household.rooms)
    habits = plant(Soil(household, devices, len(days), _rng(order, "habits")))
    states = {entity: device.first for entity, device in devices.items()}
    states |= {SUN: "below_horizon", ROBOT: "docked"} | {person(name): "home" for name in names}
    missing = skipped(household.place.zone, first, len(days))
    world = World(
        days,
        devices,
        missing,
        _rng(order, "world"),
        Living(habits),
        dict(states),
        {one.name: (one.bedroom, True) for one in household.people},
    )
    _fill(world, household, order, lives, habits, tell)
    changes = world.changes
    if order.null:
        everywhere = [stay for life in lives for stay in life]
        changes = shuffled(changes, everywhere, len(days), _rng(order, "null"))
    gaps = outages(sorted({change.entity_id for change in changes} - {SUN}), len(days), missing, _rng(order, "outages"))
    kept = [change for change in lossy(changes, gaps, states) if change.second < len(days) * DAY]
    real = tuple(habit for habit in habits if world.accounts[habit.name].chances >= order.weeks * RAREST_A_WEEK)
    return Lived(order, household, first, days, () if order.null else real, world.accounts, kept)


def _fill(
    world: World,
    household: Household,
    order: Order,
    lives: Sequence[Sequence[Stay]],
    habits: Sequence[Habit],
    tell: Tell,
) -> None:
    """Push what happens by itself and let the days go by."""
    rng = _rng(order, "whims")
    for life in lives:
        world.push(moves(life, "pantry" in household.rooms, _rng(order, f"moves {life[0].person}")))
        world.push(whims(life, world.devices, household.restless, world.days, rng))
    hot = sorted(at for life in lives for at in showers(life, rng))
    for day in world.days:
        rng = _rng(order, f"day {day.index}")
        warmth = household.place.warmth(day.date)
        near = [at for at in hot if -5400.0 < at - day.start < DAY]
        world.push(readings(day, warmth, near, rng))
        world.push(house(day, household.rooms, rng))
        world.push(customs(day, world.devices, rng))
        world.push(_planned(habits, day, rng))
        world.live(day.start + DAY - 6 * 3600.0)
        tell("living", day.index + 1, len(world.days))
    world.live(len(world.days) * DAY)


def _planned(habits: Sequence[Habit], day: Day, rng: Random) -> Sequence[Intent]:
    """The habits of the clock and the sun that are due on this day."""
    found = []
    for habit in habits:
        if isinstance(habit, AtTime | AtSun):
            second = habit.moment(day, rng)
            if habit.on(day):
                cause, origin = ("house", AUTOMATION) if habit.automated else ("person", MANUAL)
                found.append(Intent(second, habit.entity_id, habit.state, origin, cause, 0.0, habit))
    return found


def _rng(order: Order, purpose: str) -> Random:
    """One stream per purpose, so that a change in one leaves the others as they were. The null home has the same.

    More weeks of a seed are the same people with the same habits, and other days.
    """
    return Random(f"{order.seed} {order.home_type} {purpose}")
