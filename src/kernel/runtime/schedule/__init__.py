"""Nightly work: at the time of a cron line, one at a time; a run that was missed is caught up once.

due -> running -> ended | ended with a problem (health says so until a run succeeds)
a process killed while running, or switched off when it was due: run once when it starts again
"""

from kernel.runtime.schedule.schedule import Schedule, ScheduledWork

__all__ = ["Schedule", "ScheduledWork"]
