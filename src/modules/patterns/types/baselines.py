"""What cheaper ways than learning would have been worth: the figures to put beside a learning's own."""

from __future__ import annotations

from typing import Literal

from kernel.facade import Value
from modules.patterns.types.rule import Rule
from modules.patterns.types.score import Scorecard

BaselineName = Literal[
    "last_week_repeats", "most_frequent_slot", "most_frequent_slot_that_paid", "best_single_rule_by_oracle"
]


class ScoredBaseline(Value, frozen=True, kw_only=True):
    """One such way, scored on the test weeks by the same replay."""

    name: BaselineName
    sentence: str
    """How it was made, and on what it looked."""
    oracle: bool
    """True: it was chosen by looking at the test weeks. No procedure can do that; it bounds what one rule could do."""
    rules: tuple[Rule, ...]
    """Empty where no rule can say it."""
    score: Scorecard
