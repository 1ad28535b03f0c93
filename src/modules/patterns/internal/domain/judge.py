"""Which effects of rules would have changed something, and which of those spared somebody a gesture.

An effect is *effective* if the entity, as recorded at that instant, was in another state (and had a value: Home
Assistant passes over what is unavailable, and of what is unknown nobody can say). It is not effective if the replayed
world is already there: an earlier effect, of this rule or another, had set that state less than 900 s before, and
since then the record shows no change of the entity and no rule asked it to be otherwise. After 900 s without a gesture
the earlier one was a false alarm that somebody put right, and the next is a new one. So a motion sensor that goes off
ten times before the light is switched on by hand spares one gesture and is not called wrong nine times; one that goes
off all evening in a room that stays dark is called wrong every quarter of an hour.

Beyond that the past stays as it was: people are taken to act as they did until the gesture that a firing spared them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.actuators import actuator_of, settled
from modules.patterns.internal.domain.clock import in_window
from modules.patterns.internal.domain.effects import TOGGLE, Effect, Effects, effects_of
from modules.patterns.internal.domain.fire import FiringTimes, all_firings
from modules.patterns.internal.domain.gestures import Gestures
from modules.patterns.internal.domain.log import Codes, Flags, Log, Times
from modules.patterns.internal.domain.match import STRICT, WIDE, matched
from modules.patterns.internal.domain.timeline import UNSEEN
from modules.patterns.types.rule import Rule

UNRECORDED = -2
"""A wanted state that the log never shows."""
_TOGGLED = -3

Column = tuple[Times, int, int, NDArray[np.int64]]
"""Of one effect: when, the entity, the wanted state, the runs."""


@dataclass(frozen=True)
class Judged:
    """One entry per effect, sorted by time: when, on what, into which state, of which run, and what came of it.

    `runs` int64[n]: the run's number, counted through all rules; `begun` int64[r]: when each run was triggered.
    """

    times: Times
    entities: Codes
    states: Codes
    runs: NDArray[np.int64]
    effective: Flags
    saved: Flags
    saved_strict: Flags
    begun: Times
    without_effect: int
    """Runs of rules that change no state: they only tell."""
    targets: frozenset[tuple[int, int]]
    """The (entity, state) pairs that the rules act on, whether they fired or not."""


def judge(rules: Sequence[Rule], log: Log, start_ms: int, end_ms: int, gestures: Gestures) -> Judged:
    """All effects of the rules with start_ms <= t < end_ms, against the gestures of the same window."""
    planned = [effects_of(rule, log) for rule in rules]
    fired = [all_firings(rule, log) for rule in rules]
    judged = _lay_out(planned, fired, log, start_ms, end_ms)
    acts = gestures.between(start_ms, end_ms)
    for entity in np.unique(judged.entities):
        _judge_entity(judged, log, int(entity), acts)
    return judged


def judge_acts(
    times: Times, entities: Codes, states: Codes, log: Log, start_ms: int, end_ms: int, gestures: Gestures
) -> Judged:
    """The same for single effects that no rule made: at a time, an entity into a state of the log."""
    live = in_window(times, start_ms, end_ms)
    pairs = sorted(set(zip(entities[live].tolist(), states[live].tolist(), strict=True)))
    numbers = np.arange(len(times), dtype=np.int64)
    columns: list[Column] = []
    for entity, state in pairs:
        chosen = live & (entities == entity) & (states == state)
        columns.append((times[chosen], entity, state, numbers[chosen]))
    judged = _sorted(columns, times, 0, frozenset(pairs))
    acts = gestures.between(start_ms, end_ms)
    for entity in np.unique(judged.entities):
        _judge_entity(judged, log, int(entity), acts)
    return judged


def _lay_out(planned: list[Effects], fired: list[FiringTimes], log: Log, start_ms: int, end_ms: int) -> Judged:
    columns: list[Column] = []
    begun: list[Times] = [np.zeros(0, dtype=np.int64)]
    without_effect = 0
    for plan, runs in zip(planned, fired, strict=True):
        before = sum(len(part) for part in begun)
        begun.append(runs.times)
        if not plan.effects:
            without_effect += int(np.count_nonzero(in_window(runs.times, start_ms, end_ms)))
        for effect in plan.effects:
            due = runs.begins + effect.after_ms
            live = in_window(due, start_ms, end_ms) & runs.reached(effect.after_ms)
            columns.append((due[live], effect.entity, _wanted(effect, log), np.flatnonzero(live) + before))
    return _sorted(columns, np.concatenate(begun), without_effect, _targets(planned, log))


def _targets(planned: list[Effects], log: Log) -> frozenset[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for effect in (effect for plan in planned for effect in plan.effects):
        states = _two_states(log, effect.entity) if effect.state == TOGGLE else (_wanted(effect, log),)
        found.update((effect.entity, state) for state in states)
    return frozenset(found)


def _sorted(columns: list[Column], begun: Times, without_effect: int, targets: frozenset[tuple[int, int]]) -> Judged:
    none = np.zeros(0, dtype=np.int64)
    times = np.concatenate([none, *(column[0] for column in columns)])
    entities = np.concatenate([none, *(np.full(len(column[0]), column[1]) for column in columns)])
    states = np.concatenate([none, *(np.full(len(column[0]), column[2]) for column in columns)])
    runs = np.concatenate([none, *(column[3] for column in columns)])
    order = np.argsort(times, kind="stable")
    nothing = np.zeros((3, len(times)), dtype=np.bool_)
    return Judged(
        times=times[order],
        entities=entities[order].astype(np.int32),
        states=states[order].astype(np.int32),
        runs=runs[order],
        effective=nothing[0],
        saved=nothing[1],
        saved_strict=nothing[2],
        begun=begun,
        without_effect=without_effect,
        targets=targets,
    )


def _wanted(effect: Effect, log: Log) -> int:
    return _TOGGLED if effect.state == TOGGLE else log.state_codes.get(effect.state, UNRECORDED)


def _judge_entity(judged: Judged, log: Log, entity: int, acts: Gestures) -> None:
    """Fill in the verdicts of one entity's effects."""
    rows = np.flatnonzero(judged.entities == entity)
    line = settled(log, entity)
    times = judged.times[rows]
    index = line.index_at(times)
    recorded = line.states_of(index)
    toggled = judged.states[rows] == _TOGGLED
    wanted = np.where(toggled, _opposite(log, entity, recorded), judged.states[rows]).astype(np.int32)
    judged.states[rows] = wanted
    known = (recorded != UNSEEN) & ~np.append(log.without_value, True)[recorded]
    changes = known & ~_is_in(log, entity, recorded, wanted)
    effective = changes & (toggled | _first_of_hold(times, index, wanted, changes))
    judged.effective[rows] = effective
    for state in np.unique(wanted[effective]):
        chosen = rows[effective & (wanted == state)]
        acted = acts.of(entity, int(state))
        judged.saved[chosen[matched(judged.times[chosen], acted, WIDE)]] = True
        judged.saved_strict[chosen[matched(judged.times[chosen], acted, STRICT)]] = True


def _opposite(log: Log, entity: int, recorded: Codes) -> Codes:
    """What toggling makes of a state."""
    on, off = _two_states(log, entity)
    return np.where(_is_in(log, entity, recorded, np.full(len(recorded), on)), off, on).astype(np.int32)


def _two_states(log: Log, entity: int) -> tuple[int, int]:
    moved = log.entity_ids[entity].startswith(("cover.", "valve."))
    on, off = ("open", "closed") if moved else ("on", "off")
    return log.state_codes.get(on, UNRECORDED), log.state_codes.get(off, UNRECORDED)


def _is_in(log: Log, entity: int, recorded: Codes, wanted: Codes) -> Flags:
    same: Flags = recorded == wanted
    actuator = actuator_of(log.entity_ids[entity])
    if actuator is not None and actuator.on_is_any:
        same |= (wanted == log.state_codes.get("on", UNRECORDED)) & (recorded != log.state_codes.get("off", UNRECORDED))
    return same


def _first_of_hold(times: Times, index: NDArray[np.int64], wanted: Codes, changes: Flags) -> Flags:
    """Which effects find the replayed world not yet where they want it."""
    first = np.zeros(len(times), dtype=np.bool_)
    if not len(times):
        return first
    breaks = np.append(False, (index[1:] != index[:-1]) | (wanted[1:] != wanted[:-1]))
    segment = np.cumsum(breaks)
    rows = np.flatnonzero(changes)
    at, part = times[rows], segment[rows]
    following = np.minimum(
        np.searchsorted(at, at + WIDE.before_ms, side="left"), np.searchsorted(part, part, side="right")
    ).tolist()
    here = 0
    while here < len(rows):
        first[rows[here]] = True
        here = following[here]
    return first
