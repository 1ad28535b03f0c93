"""The split of the past: mine, then select, then test. By time only, at local midnights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from modules.patterns.errors import HistoryTooShort
from modules.patterns.internal.domain.clock import clock_of
from modules.patterns.internal.domain.learn_past import days_of
from modules.patterns.internal.domain.log import Log
from modules.patterns.types import LearnRequest, Split, Window

FEWEST_DAYS: Final = 14


@dataclass(frozen=True)
class Blocks:
    """Where the blocks begin and the last one ends, UTC milliseconds."""

    mine: int
    select: int
    test: int
    end: int

    def split(self) -> Split:
        return Split(
            mine=window(self.mine, self.select), select=window(self.select, self.test), test=window(self.test, self.end)
        )


def blocks(log: Log, request: LearnRequest) -> Blocks:
    """The newest weeks in the proportions asked for; what the history cannot fill shrinks alike.

    Raises HistoryTooShort when fewer than 14 local days hold events.
    """
    days = days_of(log)
    if len(days) < FEWEST_DAYS:
        raise HistoryTooShort(days=len(days), needed=FEWEST_DAYS)
    parts = (request.mine_weeks, request.select_weeks, request.test_weeks)
    end = int(days[-1]) + 1
    length = min(round(7 * sum(parts)), end - int(days[0]))
    length = max(length, len(parts))
    select = max(1, round(length * parts[1] / sum(parts)))
    test = max(1, round(length * parts[2] / sum(parts)))
    edges = (end - length, end - test - select, end - test, end)
    clock = clock_of(log, int(log.times[0]), int(log.times[-1]))
    return Blocks(*(clock.midnight(day) for day in edges))


def window(start_ms: int, end_ms: int) -> Window:
    """UTC milliseconds as a window."""
    return Window(start=instant(start_ms), end=instant(end_ms))


def instant(at_ms: int) -> datetime:
    """UTC milliseconds as an aware time, exactly."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).replace(microsecond=at_ms % 1000 * 1000)
