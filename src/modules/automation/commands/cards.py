"""A suggestion as a card of text: the sentence, a small drawing of when it happened, and its worth in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from modules.automation.types import Suggestion
from modules.patterns.types import LearnReport

_HEIGHTS: Final = "▁▂▃▄▅▆▇█"
_SLOTS: Final = 48
_WEEKS: Final = 12
_NEAR: Final = 60
"""Minutes around the usual time within which most must lie, or it is none."""
_MOST_TIMES: Final = 200
"""As many times as evidence keeps: there may have been more before them."""


def card(number: int, suggestion: Suggestion, zone: ZoneInfo) -> list[str]:
    """The lines of one card. Times are drawn on the home's own clock."""
    habit = suggestion.habit
    times = [at.astimezone(zone) for at in habit.evidence.times]
    state = "" if suggestion.state == "new" else f" ({suggestion.state})"
    lines = [f"{number}. {habit.sentence}{state}", f"   {suggestion.automation.sentence}", ""]
    if times:
        drawn = (*clock_times(times, of_the_clock=habit.kind == "time"), "", *days(habit.evidence.days, times))
        lines += [f"   {line}".rstrip() for line in drawn]
        lines.append("")
    lines.append(f"   Evidence  {suggestion.seen}")
    lines.append(f"   Worth     {suggestion.worth}")
    if suggestion.dismissed_because:
        lines.append(f"   Dismissed because: {suggestion.dismissed_because}")
    lines.append(f"   Id        {suggestion.id}   (homewright suggest dismiss {suggestion.id})")
    return lines


def clock_times(times: Sequence[datetime], of_the_clock: bool = True) -> list[str]:
    """How often at which half hour of the day: two lines. What happens at many hours has no usual time."""
    counts = Counter(at.hour * 2 + at.minute // 30 for at in times)
    most = max(counts.values())
    bars = "".join(_bar(counts[slot], most) for slot in range(_SLOTS))
    notes = f"{_typical(times, of_the_clock)}{_newest(times)}".strip()
    return [f"{bars}  {notes}", "".join(f"{hour:<6}" for hour in range(0, 24, 3)) + "24 h"]


def _bar(count: int, most: int) -> str:
    return _HEIGHTS[(count * len(_HEIGHTS) - 1) // most] if count else "·"


def _typical(times: Sequence[datetime], of_the_clock: bool) -> str:
    """The clock time in the middle, on the circle: 23:50 and 00:10 meet at midnight, not at noon."""
    minutes = sorted(at.hour * 60 + at.minute for at in times)
    gaps = [(after - before) % 1440 for before, after in zip(minutes, minutes[1:] + minutes[:1], strict=True)]
    start = (gaps.index(max(gaps)) + 1) % len(minutes)
    middle = (minutes[start:] + minutes[:start])[len(minutes) // 2]
    near = sum((minute - middle + _NEAR) % 1440 <= 2 * _NEAR for minute in minutes)
    if not of_the_clock and near < 0.9 * len(minutes):
        return ""
    return f"about {middle // 60:02d}:{middle % 60:02d}"


def _newest(times: Sequence[datetime]) -> str:
    return f" (newest {len(times)} times)" if len(times) >= _MOST_TIMES else ""


def days(kept: Sequence[str], times: Sequence[datetime]) -> list[str]:
    """The days on which it happened, a week per group from Monday: the last twelve weeks of the evidence.

    Of suggestions that kept no days, the weeks that the times cover: a week that began before the first of the newest
    times would show days as not done that were.
    """
    happened = {date.fromisoformat(day) for day in kept} or {at.date() for at in times}
    note = "" if kept else _newest(times)
    last = _monday(max(happened))
    first = _monday(min(happened) + timedelta(days=6)) if note else _monday(min(happened))
    first = max(first, last - timedelta(weeks=_WEEKS - 1))
    weeks = [first + timedelta(weeks=week) for week in range((last - first).days // 7 + 1)]
    if not weeks:
        return []
    drawn = " ".join(_week(monday, happened) for monday in weeks)
    return [f"{drawn}  weeks from {first} to {last + timedelta(days=6)}, Monday first{note}"]


def _week(monday: date, happened: set[date]) -> str:
    return "".join("█" if monday + timedelta(days=day) in happened else "·" for day in range(7))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def nothing(report: LearnReport | None) -> list[str]:
    """Why there are no suggestions, honestly."""
    if report is None:
        return ["Nothing has been learned yet: `homewright import FILE`, then `homewright learn`."]
    return [
        "No suggestions. The last learning found nothing that it could stand for, or you have dismissed what it found:",
        f"  {report.days_with_events} days with events, {report.gestures} switch presses by people",
        f"  {report.hypotheses} possible habits tested, {report.discoveries} beat chance, "
        f"{report.kept} kept after replaying them on later weeks",
        *(f"  {remark}" for remark in report.remarks),
    ]
