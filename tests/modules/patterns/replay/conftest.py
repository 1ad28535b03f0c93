"""Short pasts, written as one would tell them: "07:00 light.hall on", "d1 22:30:05 light.hall off automation"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from modules.patterns.internal.domain.log import AUTOMATION, MANUAL, UNKNOWN, Log
from modules.patterns.types import Action, CallService, Condition, Rule, Trigger

MONDAY = datetime(2026, 3, 2)
ORIGINS = {"unknown": UNKNOWN, "manual": MANUAL, "automation": AUTOMATION}

Past = Callable[..., Log]
At = Callable[..., int]
MakeRule = Callable[..., Rule]


def _at(text: str, zone: str = "UTC") -> int:
    """ "07:00" and "d3 07:00:30" count from Monday, 2 March 2026; a date may stand in their place."""
    *day, clock = text.split()
    start = MONDAY
    if day and day[0].startswith("d"):
        start += timedelta(days=int(day[0][1:]))
    elif day:
        start = datetime.fromisoformat(day[0])
    hours, minutes, *seconds = clock.split(":")
    local = start + timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds[0]) if seconds else 0)
    return round(local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp() * 1000)


def _past(*rows: str, zone: str = "UTC", latitude: float | None = None, longitude: float | None = None) -> Log:
    told = [_row(row, zone) for row in rows]
    entity_ids = tuple(sorted({entity for _, entity, _, _ in told}))
    state_names = tuple(sorted({state for _, _, state, _ in told}))
    order = sorted(told, key=lambda row: (row[0], row[1]))
    return Log(
        times=np.array([row[0] for row in order], dtype=np.int64),
        entities=np.array([entity_ids.index(row[1]) for row in order], dtype=np.int32),
        states=np.array([state_names.index(row[2]) for row in order], dtype=np.int32),
        origins=np.array([row[3] for row in order], dtype=np.uint8),
        entity_ids=entity_ids,
        state_names=state_names,
        zone=ZoneInfo(zone),
        latitude=latitude,
        longitude=longitude,
    )


def _row(text: str, zone: str) -> tuple[int, str, str, int]:
    head, entity, state, *origin = _split(text)
    return _at(head, zone), entity, state, ORIGINS[origin[0] if origin else "unknown"]


def _split(text: str) -> list[str]:
    words = text.split()
    cut = next(index for index, word in enumerate(words) if "." in word and word[0].isalpha())
    return [" ".join(words[:cut]), *words[cut:]]


def _rule(
    *triggers: Trigger,
    do: tuple[str, str] | tuple[Action, ...] = ("light.turn_on", "light.hall"),
    when: tuple[Condition, ...] = (),
    mode: str = "single",
    max_runs: int = 10,
) -> Rule:
    """`do`: a service and its entity, or actions."""
    service, target = do[0], do[-1]
    actions = do
    if isinstance(service, str) and isinstance(target, str):
        actions = (CallService(service=service, entity_ids=(target,)),)
    return Rule(name="r", triggers=triggers, conditions=when, actions=actions, mode=mode, max_runs=max_runs)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def at() -> At:
    """Milliseconds since 1970 of a local time."""
    return _at


@pytest.fixture(scope="session")
def past() -> Past:
    return _past


@pytest.fixture(scope="session")
def make_rule() -> MakeRule:
    return _rule


@pytest.fixture(scope="session")
def told() -> Callable[..., list[str]]:
    """Instants as "d0 07:00:00" in a zone."""

    def tell(times: np.ndarray, zone: str = "UTC") -> list[str]:
        found = []
        for one in times:
            local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(one))).astimezone(ZoneInfo(zone))
            found.append(f"d{(local.replace(tzinfo=None) - MONDAY).days} {local:%H:%M:%S}")
        return found

    return tell
