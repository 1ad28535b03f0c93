"""A learning: mine on the oldest weeks, select on the next, test once on the newest, and the same on the null home.

    loading -> mining -> selecting -> testing -> null home

Nothing that was learned from the select weeks changes a parameter found on the mining weeks; they only choose. Nothing
looks at the test weeks before the choice is final. That is no promise of each function but of what they are given: a
past that ends with the mining weeks to mine, one that ends with the select weeks to select (see `Pasts`). Equal
histories, requests and seeds give equal habits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from modules.patterns.internal.domain import learn_mine, select
from modules.patterns.internal.domain.learn_habits import habits_of
from modules.patterns.internal.domain.learn_mine import Mined
from modules.patterns.internal.domain.learn_past import Past, Target
from modules.patterns.internal.domain.learn_remarks import remarks
from modules.patterns.internal.domain.learn_split import Blocks, blocks
from modules.patterns.internal.domain.log import Log
from modules.patterns.internal.domain.nullhome import null_home
from modules.patterns.internal.domain.score import scorecard
from modules.patterns.internal.domain.select import Choice
from modules.patterns.internal.domain.select_never import why_never
from modules.patterns.internal.domain.select_rules import service_for
from modules.patterns.types import Habit, LearnReport, LearnRequest

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and of how much. What it raises ends the learning."""

_MARGIN_MS = 86_400_000
"""Kept before the first block, so that states are known when it begins."""


@dataclass(frozen=True)
class Pasts:
    """What was known when the mining weeks ended, and when the select weeks ended.

    Their codes are not those of the whole log, nor each other's: findings speak in codes of `mining`, rules in names.
    """

    mining: Past
    selecting: Past

    @classmethod
    def of(cls, log: Log, parts: Blocks) -> Pasts:
        start = parts.mine - _MARGIN_MS
        return cls(Past.of(log, start, parts.select), Past.of(log, start, parts.test))


@dataclass(frozen=True)
class Found:
    """What mining and selecting gave on one home."""

    mined: Mined
    choices: tuple[Choice, ...]


def learn(
    log: Log, request: LearnRequest, learned_at: datetime, progress: Progress
) -> tuple[LearnReport, tuple[Habit, ...]]:
    """The report and the habits, best first. Raises HistoryTooShort if fewer than 14 local days hold events."""
    progress("loading", 0, 1)
    parts = blocks(log, request)
    past = Past.of(log.between(parts.mine - _MARGIN_MS, parts.end))
    pasts = Pasts.of(past.log, parts)
    found = find(pasts, parts, request, progress)
    progress("testing", 0, 1)
    habits = habits_of(pasts.mining, past, found.choices, parts)
    home = scorecard([habit.rule for habit in habits], past.log, parts.test, parts.end, past.gestures)
    progress("null home", 0, 2)
    shuffled = Pasts.of(null_home(pasts.selecting, request.seed, parts.mine - _MARGIN_MS, parts.test), parts)
    progress("null home", 1, 2)
    null_found = find(shuffled, parts, request, lambda stage, done, total: progress("null home", 1, 2))
    report = LearnReport(
        id=_report_id(request, learned_at, past),
        learned_at=learned_at,
        split=parts.split(),
        days_with_events=int(((past.days >= past.day(parts.mine)) & (past.days <= past.day(parts.end - 1))).sum()),
        gestures=len(past.gestures.between(parts.mine, parts.end)),
        hypotheses=found.mined.hypotheses,
        discoveries=found.mined.discoveries,
        kept=len(habits),
        null_kept=len(null_found.choices),
        home=home,
        remarks=remarks(past, parts, request, found.mined, habits, home),
    )
    progress("null home", 2, 2)
    return report, habits


def find(pasts: Pasts, parts: Blocks, request: LearnRequest, progress: Progress) -> Found:
    """Mine and select: what is done alike on the home and on the null home."""
    mined = learn_mine.mine(
        pasts.mining,
        targets(pasts.mining, parts),
        parts.mine,
        parts.select,
        request.false_discovery_rate,
        lambda done, total: progress("mining", done, total),
    )
    choices = select.choose(
        pasts.mining,
        pasts.selecting,
        mined.findings,
        parts,
        request.most_suggestions,
        lambda done, total: progress("selecting", done, total),
    )
    return Found(mined, choices)


def targets(past: Past, parts: Blocks) -> tuple[Target, ...]:
    """What people did in the mining weeks that a rule may do for them, in the order of names."""
    made = past.gestures
    inside = (made.times >= parts.mine) & (made.times < parts.select)
    pairs = {(int(e), int(s)) for e, s in zip(made.entities[inside], made.states[inside], strict=True)}
    named = [Target(e, s, past.log.entity_ids[e], past.log.state_names[s]) for e, s in sorted(pairs)]
    return tuple(
        target
        for target in named
        if why_never(target.entity_id) is None and service_for(target.entity_id, target.state_name)
    )


def _report_id(request: LearnRequest, learned_at: datetime, past: Past) -> str:
    facts = (learned_at.isoformat(), len(past.log), int(past.log.times[-1]))
    return hashlib.sha256(msgspec.json.encode((request, facts))).hexdigest()[:16]
