"""What a rule would have been worth: counted on the recorded past, with exact bounds.

A *gesture* is a change of an actuator made by a person: not by an automation or script, repeats within 10 s
collapsed, not reverted within 120 s. A *firing* counts when it would have changed something. Matching is one to one,
same entity and state. The wide window around a gesture is (-900 s, +120 s): the rule fires up to 900 s before the
gesture or 120 s after; the strict one, for reactions, is (-60 s, +15 s).
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from kernel.facade import Count, Instant, Share, Value


class Window(Value, frozen=True, kw_only=True):
    """UTC, half-open: start <= t < end."""

    start: Instant
    end: Instant

    @property
    def days(self) -> float:
        return (self.end - self.start).total_seconds() / 86_400


class Bounded(Value, frozen=True, kw_only=True):
    """`hits` of `tries` as a share, with its two-sided 95 % Clopper-Pearson bounds. No tries: 0 with bounds 0 and 1."""

    hits: Count
    tries: Count
    share: Share
    low: Share
    high: Share


class Net(Value, frozen=True, kw_only=True):
    """Manual actions saved per week minus `weight` times false firings per week."""

    weight: Annotated[float, Meta(ge=0.0)]
    per_week: float


class Scorecard(Value, frozen=True, kw_only=True):
    """One rule, or a home's rules together, over one window. Rates are per day or week of the days that hold events."""

    window: Window
    days_with_events: Count
    gestures: Count
    """All manual gestures of the home in the window: what `saved_share` is a share of."""
    target_gestures: Count
    """Those with an entity and state that the rule acts on: what `recall` is a share of."""
    firings: Count
    """One for each entity that a run acts on; one for a run that only tells."""
    effective_firings: Count
    """Those that would have changed something: `saved` + `false_firings`."""
    saved: Count
    saved_strict: Count
    false_firings: Count
    saved_share: Share
    saved_per_week: Annotated[float, Meta(ge=0.0)]
    false_per_day: Annotated[float, Meta(ge=0.0)]
    net: tuple[Net, ...]
    """For weights 1, 2 and 5."""
    precision: Bounded
    recall: Bounded


class Firing(Value, frozen=True, kw_only=True):
    """One time at which the rule would have run."""

    at: Instant
    effective: bool
    saved: bool
