"""Times as people write them: `2026-11-20 13:34:50`, with `T`, with a fraction, with `Z` or an offset.

A column of times of one shape is read at once: its characters are a matrix of digits. What has another shape, or a
digit where none belongs, is read one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from modules.patterns.internal.domain.log import Flags

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2199
NO_OFFSET: Final = 1 << 40
"""In place of an offset in seconds: the time is on the home's wall clock."""

_SHAPE: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[ Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(?:([Zz])|([+-])(\d\d):?(\d\d))?", re.ASCII
)
_DATE_TIME: Final = 19
_DIGITS: Final = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
_MARKS: Final = {4: b"-", 7: b"-", 10: b" Tt", 13: b":", 16: b":"}


@dataclass(frozen=True)
class Written:
    """Times as written. `seconds` int64[n] since 1970 on the clock that was used, `milliseconds` int64[n] on top,
    `offsets` int64[n] of that clock in seconds east of UTC or NO_OFFSET, `good`: could be read."""

    seconds: NDArray[np.int64]
    milliseconds: NDArray[np.int64]
    offsets: NDArray[np.int64]
    good: Flags


def read_times(texts: Sequence[str]) -> Written:
    """Read a column of times."""
    count = len(texts)
    written = Written(
        np.zeros(count, np.int64), np.zeros(count, np.int64), np.full(count, NO_OFFSET), np.zeros(count, np.bool_)
    )
    if not count:
        return written
    lengths = np.fromiter(map(len, texts), np.int64, count)
    for length in np.unique(lengths):
        if length >= _DATE_TIME:
            _read_alike(texts, np.flatnonzero(lengths == length), int(length), written)
    for index in np.flatnonzero(~written.good).tolist():
        _read_one(texts[index], index, written)
    return written


def _read_alike(texts: Sequence[str], rows: NDArray[np.intp], length: int, written: Written) -> None:
    """Times of one length, if they look like the first of them: without fraction, with one, and with Z or not."""
    utc = texts[int(rows[0])][-1] in "Zz"
    fraction = length - _DATE_TIME - utc - 1
    if fraction == 0 or fraction > 9:
        return
    chosen = texts if len(rows) == len(texts) else [texts[row] for row in rows.tolist()]
    letters = np.frombuffer("".join(chosen).encode("ascii", "replace"), np.uint8).reshape(-1, length)
    places = [*_DIGITS, *range(_DATE_TIME + 1, _DATE_TIME + 1 + max(fraction, 0))]
    digits = letters[:, places] - np.uint8(ord("0"))
    good = (digits <= 9).all(axis=1)
    marks = _MARKS | ({_DATE_TIME: b".,"} if fraction > 0 else {}) | ({length - 1: b"Zz"} if utc else {})
    for place, allowed in marks.items():
        good &= np.isin(letters[:, place], np.frombuffer(allowed, np.uint8))
    rows, number = rows[good], digits[good].astype(np.int64)
    seconds, exists = _seconds(number)
    rows = rows[exists]
    written.seconds[rows] = seconds[exists]
    written.milliseconds[rows] = _milliseconds(number[exists, len(_DIGITS) :])
    written.offsets[rows] = 0 if utc else NO_OFFSET
    written.good[rows] = True


def _seconds(digits: NDArray[np.int64]) -> tuple[NDArray[np.int64], Flags]:
    """Seconds since 1970 of digits YYYYMMDDHHMMSS, and whether there is such a time."""
    year = digits[:, :4] @ np.array([1000, 100, 10, 1])
    month, day, hour, minute, second = (digits[:, at] * 10 + digits[:, at + 1] for at in (4, 6, 8, 10, 12))
    index = (year - 1970) * 12 + month - 1
    first, following = (_day_of_month(index + later) for later in (0, 1))
    exists = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12)
    exists &= (day >= 1) & (day <= following - first) & (hour <= 23) & (minute <= 59) & (second <= 59)
    return (first + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second, exists


def _day_of_month(months: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first day of each month, as days since 1970."""
    days: NDArray[np.int64] = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return days


def _milliseconds(fraction: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of the digits after the point; what is finer is cut off."""
    weights = np.array([100, 10, 1])
    used = min(fraction.shape[1], 3)
    milliseconds: NDArray[np.int64] = fraction[:, :used] @ weights[:used]
    return milliseconds


def _read_one(text: str, index: int, written: Written) -> None:
    match = _SHAPE.fullmatch(text.strip())
    if match is None:
        return
    digits = "".join(match.group(1, 2, 3, 4, 5, 6))
    seconds, exists = _seconds(np.array([[int(digit) for digit in digits]]))
    hours, minutes = int(match[10] or 0), int(match[11] or 0)
    if not exists[0] or hours > 14 or minutes > 59:
        return
    written.seconds[index] = seconds[0]
    written.milliseconds[index] = int(((match[7] or "") + "000")[:3])
    if match[8] or match[9]:
        written.offsets[index] = (hours * 3_600 + minutes * 60) * (-1 if match[9] == "-" else 1)
    written.good[index] = True
