"""What a new learning does to the list of suggestions. Pure: what is known and what was found give what to write.

new <-> expired      the habit was not found any more, or again
 |         |
 '-> dismissed <-'   by a person; nothing ever changes it
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from modules.automation.errors import NotExpressible
from modules.automation.internal.domain.render import render
from modules.automation.types import Suggestion
from modules.patterns.types import Habit


@dataclass
class Takeover:
    """What to write. `ranks`: the place of every habit that was found, best first."""

    added: list[Suggestion] = field(default_factory=list)
    updated: list[Suggestion] = field(default_factory=list)
    returned: list[Suggestion] = field(default_factory=list)
    expired: list[Suggestion] = field(default_factory=list)
    ranks: dict[str, int] = field(default_factory=dict)
    refused: int = 0


def take_over(known: Mapping[str, Suggestion], habits: Sequence[Habit], now: datetime) -> Takeover:
    """Compare the habits of the last learning, best first, with the suggestions there are."""
    plan = Takeover()
    for rank, habit in enumerate(habits):
        try:
            _take(plan, known.get(habit.id), offer(habit, now))
            plan.ranks[habit.id] = rank
        except NotExpressible:
            plan.refused += 1
    plan.expired = list(_lost(known.values(), plan.ranks, now))
    return plan


def offer(habit: Habit, now: datetime) -> Suggestion:
    """A habit as a new suggestion. Its automation is named after the habit, so a better learning replaces it."""
    plain = Suggestion(
        id=habit.id,
        state="new",
        habit=habit,
        automation=render(habit.rule, identity(habit)),
        created_at=now,
        updated_at=now,
    )
    remarks = (habit.sentence, f"Evidence: {plain.seen}.", f"Worth: {plain.worth}.")
    return replace(plain, automation=render(habit.rule, identity(habit), remarks))


def identity(habit: Habit) -> str:
    """The automation's id in Home Assistant."""
    return f"homewright_{habit.id}"


def _take(plan: Takeover, known: Suggestion | None, found: Suggestion) -> None:
    if known is None:
        plan.added.append(found)
    elif known.state == "expired":
        plan.returned.append(replace(found, created_at=known.created_at))
    elif known.state == "new" and (known.habit, known.automation) != (found.habit, found.automation):
        plan.updated.append(replace(found, created_at=known.created_at))


def _lost(known: Iterable[Suggestion], found: Mapping[str, int], now: datetime) -> Iterable[Suggestion]:
    for suggestion in known:
        if suggestion.state == "new" and suggestion.id not in found:
            yield replace(suggestion, state="expired", updated_at=now)
