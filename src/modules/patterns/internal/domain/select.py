"""Selecting by replay on weeks not used for mining: which findings would have been worth acting on.

For each finding the plain rule and at most two more careful ones, all made from the mining weeks alone, are replayed on
the select weeks; the one with the highest lower bound of net saving stands for the finding. It is kept if that bound is
above zero. Then the best are taken one by one; a rule for a target that already has one must add to what they save
together, or it is the same habit seen twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from modules.patterns.internal.domain.bounds import clopper_pearson
from modules.patterns.internal.domain.judge import judge
from modules.patterns.internal.domain.learn_mine import Finding, Reaction
from modules.patterns.internal.domain.learn_past import Past
from modules.patterns.internal.domain.learn_split import Blocks
from modules.patterns.internal.domain.score import scorecard
from modules.patterns.internal.domain.select_conditions import more_careful
from modules.patterns.internal.domain.select_rules import rule_for
from modules.patterns.types import Condition, Rule, Scorecard

FEWEST_SAVED: Final = 5
"""Gestures that a rule must have saved on the select weeks, whatever its bounds say."""
LEAST_RECALL: Final = 0.15
"""Of a target's gestures, what a rule of the clock must have saved: a light that is switched all evening long is likely
to be switched near any minute, and that is no habit of that minute."""
_OWN_SHARE: Final = 0.5
"""Of its own net saving, what a second rule for a target must add to the first."""

Tell = Callable[[int, int], None]


@dataclass(frozen=True)
class Choice:
    """A finding, the rule that acts on it, the conditions that were added to the plain rule, its select score."""

    finding: Finding
    rule: Rule
    added: tuple[Condition, ...]
    selected: Scorecard

    @property
    def low(self) -> float:
        return net_low(self.selected)


def net_low(card: Scorecard) -> float:
    """The lower bound of the net saving per week at weight 1: of n effective firings a share p saves, n(2p - 1).

    p's bound is Clopper and Pearson's one-sided 95 % bound, which is the lower end of their two-sided 90 % interval.
    """
    weeks = card.days_with_events / 7
    low = clopper_pearson(card.precision.hits, card.precision.tries, confidence=0.9).low
    return (2.0 * low - 1.0) * card.precision.tries / weeks if weeks else 0.0


def choose(
    mining: Past, selecting: Past, findings: Sequence[Finding], parts: Blocks, most: int, tell: Tell
) -> tuple[Choice, ...]:
    """At most `most` choices, the highest lower bound first. Findings and rules are of `mining`, which ends where the
    select weeks begin; the scores are of `selecting`, which ends with them."""
    kept: list[Choice] = []
    for number, finding in enumerate(findings):
        best = _best(mining, selecting, finding, parts)
        if best is not None and _worthy(best):
            kept.append(best)
        tell(number + 1, len(findings))
    return _together(selecting, sorted(kept, key=_rank), parts, most)


def _worthy(choice: Choice) -> bool:
    card = choice.selected
    clock_fits = isinstance(choice.finding, Reaction) or card.recall.share >= LEAST_RECALL
    return choice.low > 0.0 and card.saved >= FEWEST_SAVED and clock_fits


def _rank(choice: Choice) -> tuple[float, float, bytes]:
    return (-choice.low, choice.finding.strength.p, msgspec.json.encode(choice.rule))


def _best(mining: Past, selecting: Past, finding: Finding, parts: Blocks) -> Choice | None:
    """The variant with the highest bound on the select weeks, the plainer of equals. None: the mining weeks lose."""
    choices = [
        Choice(finding, rule, added, scorecard([rule], selecting.log, parts.select, parts.test, selecting.gestures))
        for rule, added in _variants(mining, finding, parts)
    ]
    return max(choices, key=lambda choice: (choice.low, -len(choice.added)), default=None)


def _variants(past: Past, finding: Finding, parts: Blocks) -> list[tuple[Rule, tuple[Condition, ...]]]:
    """The plain rule, with one condition more, with two: those that gain on the mining weeks."""
    plain = rule_for(past, finding, parts.mine, parts.select)
    judged = judge([plain], past.log, parts.mine, parts.select, past.gestures)
    worth = np.where(judged.saved, 1.0, -1.0)[judged.effective]
    added = more_careful(past, finding.target, plain, judged.times[judged.effective], worth)
    rules = [
        (msgspec.structs.replace(plain, conditions=plain.conditions + added[:many]), added[:many])
        for many in range(len(added) + 1)
    ]
    return [(rule, extra) for rule, extra in rules if _pays(past, rule, parts)]


def _pays(past: Past, rule: Rule, parts: Blocks) -> bool:
    judged = judge([rule], past.log, parts.mine, parts.select, past.gestures)
    return bool(2 * np.count_nonzero(judged.saved) > np.count_nonzero(judged.effective))


def _together(past: Past, ranked: Sequence[Choice], parts: Blocks, most: int) -> tuple[Choice, ...]:
    taken: list[Choice] = []
    for choice in ranked:
        if len(taken) == most:
            break
        same = [other.rule for other in taken if other.finding.target == choice.finding.target]
        if not same or _adds(past, same, choice, parts):
            taken.append(choice)
    return tuple(taken)


def _adds(past: Past, same: list[Rule], choice: Choice, parts: Blocks) -> bool:
    def net(rules: list[Rule]) -> float:
        return scorecard(rules, past.log, parts.select, parts.test, past.gestures).net[0].per_week

    return net([*same, choice.rule]) - net(same) > _OWN_SHARE * choice.selected.net[0].per_week
