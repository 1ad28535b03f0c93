"""Habits of a made-up home, and a small `Patterns` that has learned them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kernel.facade.job import JobStatus
from modules.patterns import History, Patterns
from modules.patterns.types import (
    Bounded,
    CallService,
    Evidence,
    Habit,
    Habits,
    HistorySummary,
    Learning,
    LearnReport,
    LearnRequest,
    Net,
    Opaque,
    Place,
    Rule,
    Scorecard,
    Split,
    TimeTrigger,
    Window,
)

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
TEST = Window(start=MONDAY, end=MONDAY + timedelta(weeks=4))


def score(hits: int = 12, tries: int = 14) -> Scorecard:
    precision = Bounded(hits=hits, tries=tries, share=hits / tries if tries else 0.0, low=0.572, high=0.982)
    return Scorecard(
        window=TEST,
        days_with_events=28,
        gestures=100,
        target_gestures=20,
        firings=tries,
        effective_firings=tries,
        saved=hits,
        saved_strict=min(hits, 9),
        false_firings=tries - hits,
        saved_share=0.12,
        saved_per_week=4.1,
        false_per_day=0.2,
        net=(Net(weight=1.0, per_week=2.7),),
        precision=precision,
        recall=precision,
    )


def habit(name: str = "a", at: str = "07:30", **changes: Any) -> Habit:
    hour, minute = map(int, at.split(":"))
    times = tuple(MONDAY + timedelta(days=day, hours=hour, minutes=minute) for day in (0, 1, 2, 3, 7, 8, 10))
    values: dict[str, Any] = {
        "id": name,
        "kind": "time",
        "day_type": "all",
        "entity_id": f"light.{name}",
        "state": "on",
        "sentence": f"light.{name} is turned on at about {at}",
        "rule": Rule(
            name=f"light.{name} on at {at}",
            triggers=(TimeTrigger(at=at),),
            actions=(CallService(service="light.turn_on", entity_ids=(f"light.{name}",)),),
        ),
        "evidence": Evidence(
            times=times,
            support_days=7,
            possible_days=8,
            observed_days=14,
            expected_days=0.42,
            p_value=0.0001,
            q_value=0.001,
            null="presses fall anywhere",
        ),
        "selected": score(),
        "tested": score(),
    }
    return Habit(**{**values, **changes})


def unsayable(name: str = "u") -> Habit:
    """A habit whose rule Home Assistant has no words for."""
    return habit(name, rule=Rule(name="x", triggers=(Opaque(json="[]"),), actions=habit().rule.actions))


REPORT = LearnReport(
    id="l1",
    learned_at=MONDAY,
    split=Split(mine=TEST, select=TEST, test=TEST),
    days_with_events=70,
    gestures=300,
    hypotheses=900,
    discoveries=5,
    kept=0,
    null_kept=0,
    home=score(),
    remarks=("the history is short: 10 weeks",),
)


class LearnedPatterns(Patterns):
    """Has learned whatever `found` holds."""

    def __init__(self, *found: Habit) -> None:
        self.found = Habits(habits=found, report=REPORT)

    def learns(self, *found: Habit) -> None:
        self.found = Habits(habits=found, report=REPORT)

    async def habits(self) -> Habits:
        return self.found

    async def learn(self, request: LearnRequest) -> JobStatus:
        raise NotImplementedError

    async def learning(self, job_id: str) -> Learning:
        raise NotImplementedError

    async def cancel_learning(self, job_id: str) -> JobStatus:
        raise NotImplementedError


class TokyoHistory(History):
    """A home nine hours east."""

    async def summary(self) -> HistorySummary:
        return HistorySummary(
            changes=1, entities=1, actuators=1, days_with_events=1, place=Place(zone="Asia/Tokyo"), bytes_on_disk=1
        )
