"""A back-test: what this program would have suggested for a recorded home, and what that was worth on weeks not used.

In a folder that is thrown away, by the facades that a real house has; no setting of this machine's house is read, so
neither its data nor its databases can be touched. With `null`, the home's habits are taken out before it is learned.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homewright.house import House, open_house
from kernel.runtime.settings import load
from kernel.runtime.terminal import Terminal
from modules.automation import Automations, Suggestions
from modules.automation.types import Suggestion, SuggestionQuestion
from modules.patterns import History, Patterns, Replay
from modules.patterns.types import (
    Habits,
    HistorySummary,
    ImportRequest,
    LearnReport,
    LearnRequest,
    Place,
    ScoredBaseline,
    StateChange,
)

Json = dict[str, Any]
MODULES = ("patterns", "automation")


@dataclass
class Stopwatch:
    """Seconds by what they were spent on, and the process's memory."""

    seconds: dict[str, float] = field(default_factory=dict)
    memory_before: int = field(default_factory=lambda: _peak_bytes())
    _began: float = field(default_factory=time.perf_counter)
    _cpu: float = field(default_factory=time.process_time)
    _last: float = field(default_factory=time.perf_counter)

    def spent(self, what: str) -> None:
        now = time.perf_counter()
        self.seconds[f"{what}_seconds"] = round(now - self._last, 3)
        self._last = now

    def told(self) -> Json:
        return self.seconds | {
            "wall_seconds": round(time.perf_counter() - self._began, 3),
            "cpu_seconds": round(time.process_time() - self._cpu, 3),
            "peak_memory_bytes": _peak_bytes(),
            "memory_before_bytes": self.memory_before,
            "cores": os.cpu_count(),
        }


@dataclass(frozen=True)
class Outcome:
    """What a back-test found, before it is told."""

    source: Path
    null: bool
    held: HistorySummary
    report: LearnReport
    suggestions: tuple[Suggestion, ...]
    baselines: tuple[tuple[ScoredBaseline, tuple[Json, ...]], ...]
    """Each with its rules as automations."""
    timing: Json

    def as_json(self) -> Json:
        """The one document of `homewright backtest --json`."""
        report = self.report
        home = {
            "source": self.source.name,
            "null": self.null,
            "history": self.held,
            "split": report.split,
            "gestures": report.gestures,
            "hypotheses": report.hypotheses,
            "discoveries": report.discoveries,
            "kept": report.kept,
            "null_kept": report.null_kept,
            "score": report.home,
            "remarks": report.remarks,
            "baselines": [
                {
                    "name": baseline.name,
                    "how": baseline.sentence,
                    "oracle": baseline.oracle,
                    "automations": automations,
                    "score": baseline.score,
                }
                for baseline, automations in self.baselines
            ],
        }
        return {"home": home, "suggestions": [_suggested(one) for one in self.suggestions], "timing": self.timing}


async def backtest(source: Path, place: Place, request: LearnRequest, null: bool, terminal: Terminal) -> Outcome:
    """Import, learn, suggest and compare. Raises what the facades raise, and JobFailed."""
    watch = Stopwatch()
    with tempfile.TemporaryDirectory(prefix="homewright-backtest-") as name:
        folder = Path(name)
        file = await _null_file(folder, source, place, request.seed, terminal) if null else source
        if null:
            watch.spent("null_home")
        async with _throw_away_house(folder / "home") as house:
            await _bring_in(house, file, place, terminal)
            watch.spent("import")
            learned = await _learn(house, request, terminal)
            watch.spent("learn")
            return await _compared(house, source, null, learned, watch)


async def _compared(house: House, source: Path, null: bool, learned: Habits, watch: Stopwatch) -> Outcome:
    suggestions, automations = house.port(Suggestions), house.port(Automations)
    if (report := learned.report) is None:
        raise LookupError("a learning that is done has left no report")
    await suggestions.refresh()
    found = await suggestions.suggestions(SuggestionQuestion())
    watch.spent("suggest")
    beside = []
    for baseline in await house.port(Replay).baselines(report.split):
        rendered = [json.loads((await automations.render(rule)).json) for rule in baseline.rules]
        beside.append((baseline, tuple(rendered)))
    watch.spent("baselines")
    held = await house.port(History).summary()
    return Outcome(source, null, held, report, found, tuple(beside), watch.told())


@asynccontextmanager
async def _throw_away_house(folder: Path) -> AsyncIterator[House]:
    """Only what a back-test needs, with the settings that nobody has changed."""
    async with open_house(load({}, None, {"data_dir": str(folder)}), MODULES) as house, house.working():
        yield house


async def _bring_in(house: House, file: Path, place: Place, terminal: Terminal) -> None:
    history = house.port(History)
    job = await history.import_file(ImportRequest(path=str(file), place=place))

    async def ask() -> Any:
        return (await history.import_status(job.id)).job

    await terminal.follow("Importing", ask, every_seconds=0.05)


async def _learn(house: House, request: LearnRequest, terminal: Terminal) -> Habits:
    patterns = house.port(Patterns)
    job = await patterns.learn(request)

    async def ask() -> Any:
        return (await patterns.learning(job.id)).job

    await terminal.follow("Learning", ask, every_seconds=0.05)
    return await patterns.habits()


async def _null_file(folder: Path, source: Path, place: Place, seed: int, terminal: Terminal) -> Path:
    """The home with its habits taken out, as a file like the one that it was."""
    file = folder / "null.csv"
    async with _throw_away_house(folder / "before") as house:
        await _bring_in(house, source, place, terminal)
        with file.open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(("time_local", "entity_id", "state", "origin"))
            async for change in house.port(Patterns).null_home(seed):
                rows.writerow(_row(change))
    return file


def _row(change: StateChange) -> tuple[str, ...]:
    at = change.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return at, change.entity_id, change.state, change.origin


def _suggested(suggestion: Suggestion) -> Json:
    habit = suggestion.habit
    return {
        "id": suggestion.id,
        "sentence": habit.sentence,
        "automation": json.loads(suggestion.automation.json),
        "score": habit.tested,
        "selected": habit.selected,
        "evidence": {name: getattr(habit.evidence, name) for name in _EVIDENCE},
    }


_EVIDENCE = ("support_days", "possible_days", "expected_days", "p_value", "q_value")


def _peak_bytes() -> int:
    """The most memory that this process has held (resident set)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
