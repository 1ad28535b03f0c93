"""What a reader must know to weigh a report's figures: said in sentences, only where it applies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from modules.patterns.internal.domain.learn_mine import FEWEST_DAYS, Mined
from modules.patterns.internal.domain.learn_past import Past
from modules.patterns.internal.domain.learn_split import Blocks
from modules.patterns.internal.domain.select_never import why_never
from modules.patterns.types import Habit, LearnRequest, Scorecard

_DAY_MS: Final = 86_400_000
_FEW_GESTURES: Final = 300
_FEW_TESTED: Final = 10
_FEW_SELECT_DAYS: Final = 12


def remarks(
    past: Past, parts: Blocks, request: LearnRequest, mined: Mined, habits: Sequence[Habit], home: Scorecard
) -> tuple[str, ...]:
    """In the order in which they matter."""
    said = (
        *_span(past, parts, request),
        *_gestures(past, parts),
        *_left_out(past, parts),
        *_outcome(mined, habits, home),
    )
    return tuple(said)


def _span(past: Past, parts: Blocks, request: LearnRequest) -> list[str]:
    asked = 7 * (request.mine_weeks + request.select_weeks + request.test_weeks)
    span = (parts.end - parts.mine) / _DAY_MS
    held = int(((past.days >= past.day(parts.mine)) & (past.days < past.day(parts.end))).sum())
    said = []
    if span < asked - 1:
        lengths = [round(ms / _DAY_MS) for ms in np.diff((parts.mine, parts.select, parts.test, parts.end))]
        said.append(
            f"The history spans {span:.0f} days where {asked:.0f} were asked for: "
            f"mined on {lengths[0]}, selected on {lengths[1]}, tested on {lengths[2]} days."
        )
    if held < 0.9 * span:
        said.append(f"Only {held} of {span:.0f} days hold events: what happened on the others is not known.")
    if (parts.test - parts.select) / _DAY_MS < _FEW_SELECT_DAYS:
        said.append("The select weeks are so short that only habits of several times a day can prove themselves.")
    return said


def _gestures(past: Past, parts: Blocks) -> list[str]:
    made = past.gestures.between(parts.mine, parts.end)
    if not len(made):
        return ["No manual actions were found: nothing can be learned from what nobody did."]
    said = []
    per_day = len(made) / max(1, len(past.days))
    if len(made) < _FEW_GESTURES:
        said.append(f"Only {len(made)} manual actions ({per_day:.1f} a day): few habits can be told from chance.")
    unknown = made.unknown_origin
    if unknown:
        said.append(
            f"Of {len(made)} manual actions {unknown} have no recorded origin and are taken as made by people; "
            "automations that ran in this time may be among them."
        )
    return said


def _left_out(past: Past, parts: Blocks) -> list[str]:
    made = past.gestures.between(parts.mine, parts.select)
    never = sorted({past.log.entity_ids[int(code)] for code in np.unique(made.entities)})
    named = [f"{entity_id} ({reason})" for entity_id in never if (reason := why_never(entity_id))]
    return [f"Never acted on from a guess: {', '.join(named)}."] if named else []


def _outcome(mined: Mined, habits: Sequence[Habit], home: Scorecard) -> list[str]:
    if not mined.hypotheses:
        return [f"Nothing was done on {FEWEST_DAYS} days or more of the mining weeks: nothing could be tested."]
    if not mined.discoveries:
        return [
            "Nothing in the mining weeks beats chance: no habit can be told apart from everyday life. The strongest of "
            f"{mined.hypotheses} hypotheses has p = {mined.strongest:.1g}; among so many, chance alone gives about "
            f"{mined.hypotheses * mined.strongest:.1g} as strong."
        ]
    if not habits:
        return ["Some regularities beat chance, but none would have saved more actions than it got wrong."]
    said = []
    if home.target_gestures < _FEW_TESTED:
        said.append(f"The test weeks hold only {home.target_gestures} actions of these kinds: the bounds are wide.")
    worse = [habit for habit in habits if habit.tested.net[0].per_week <= 0.0]
    if worse:
        said.append(f"{len(worse)} of {len(habits)} habits did not save more than they got wrong in the test weeks.")
    return said
