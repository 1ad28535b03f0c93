"""A cron line as everyone knows it: Sunday is 0 and 7. APScheduler counts from Monday; names mean the same in both."""

from __future__ import annotations

import re
from datetime import tzinfo

from apscheduler.triggers.cron import CronTrigger

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NUMBER = re.compile(r"(?<![\d/])([0-7])(?!\d)")


def cron_trigger(line: str, zone: tzinfo) -> CronTrigger:
    """The trigger of five fields: minute, hour, day of month, month, day of week. Raises ValueError."""
    fields = line.split()
    if len(fields) == 5:
        fields[4] = _NUMBER.sub(lambda digit: _DAYS[int(digit[1])], fields[4])
    return CronTrigger.from_crontab(" ".join(fields), timezone=zone)
