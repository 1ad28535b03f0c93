"""What was learned: habits, the evidence for them, and how the learning went."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from kernel.facade import Count, Instant, Share, Value
from kernel.facade.job import JobStatus
from modules.patterns.types.rule import EntityId, Rule
from modules.patterns.types.score import Scorecard, Window

HabitKind = Literal["time", "reaction"]
DayType = Literal["all", "weekday", "weekend"]


class Evidence(Value, frozen=True, kw_only=True):
    """Why the habit is believed: the gestures themselves, and the test against chance on the mining weeks."""

    times: tuple[Instant, ...]
    """The gestures that support it, newest last: the newest 200."""
    days: tuple[str, ...] = ()
    """The home's own dates (2026-09-07) of all of them, each once, newest last: the newest 400. Empty: not kept."""
    support_days: Count
    """Days on which it happened."""
    possible_days: Count
    """Days of its day type on which it was done at all, at whatever time: what the test is about."""
    observed_days: Count | None = None
    """Days of its day type with events in the mining weeks, done or not: what `support_days` is a share of for people.
    None: not counted (by an older version)."""
    expected_days: Annotated[float, Meta(ge=0.0)]
    """Days that chance alone would give, under the stated null."""
    p_value: Share
    q_value: Share
    """Benjamini-Yekutieli adjusted over every hypothesis tried in this learning."""
    null: str
    """The null hypothesis, in one sentence."""


class Habit(Value, frozen=True, kw_only=True):
    """Something that people here do, as a rule, chosen on the weeks of `selected`, measured on those of `tested`."""

    id: str
    """Stable: a digest of kind, day type, target and trigger; the same habit keeps it from one learning to the next."""
    kind: HabitKind
    day_type: DayType
    entity_id: EntityId
    state: str
    sentence: str
    rule: Rule
    evidence: Evidence
    selected: Scorecard
    tested: Scorecard


class Split(Value, frozen=True, kw_only=True):
    """By time only: mine, then select, then test."""

    mine: Window
    select: Window
    test: Window


class LearnRequest(Value, frozen=True, kw_only=True):
    """Weeks per block; what the history cannot fill shrinks in proportion. Defaults: 8, 4 and 4."""

    mine_weeks: Annotated[float, Meta(gt=0.0, le=520.0)] = 8.0
    select_weeks: Annotated[float, Meta(gt=0.0, le=520.0)] = 4.0
    test_weeks: Annotated[float, Meta(gt=0.0, le=520.0)] = 4.0
    false_discovery_rate: Annotated[float, Meta(gt=0.0, lt=1.0)] = 0.05
    most_suggestions: Annotated[int, Meta(ge=1, le=50)] = 8
    seed: int = 0
    """Of the day shuffle of the null home."""


class LearnReport(Value, frozen=True, kw_only=True):
    """How a learning went, for people who distrust black boxes."""

    id: str
    learned_at: Instant
    split: Split
    days_with_events: Count
    gestures: Count
    hypotheses: Count
    """All that were tested, interesting or not."""
    discoveries: Count
    """Those that beat chance at the false discovery rate."""
    kept: Count
    """Those that replay on the select weeks kept: the habits."""
    null_kept: Count
    """How many the same procedure keeps on this home with its days shuffled: should be about none."""
    home: Scorecard
    """All kept habits together on the test weeks."""
    remarks: tuple[str, ...] = ()
    """What a reader must know to weigh the figures: short history, few gestures, unknown origins, …"""


class Habits(Value, frozen=True, kw_only=True):
    """The habits of the last finished learning, best first, and its report (None: never learned)."""

    habits: tuple[Habit, ...] = ()
    report: LearnReport | None = None


class Learning(Value, frozen=True, kw_only=True):
    job: JobStatus
    report: LearnReport | None = None
