"""What a process has cost so far, from /proc. There is none on macOS: `known()` says so, and figures are None there."""

from __future__ import annotations

import os
from pathlib import Path


def known() -> bool:
    return Path("/proc/self/status").is_file()


def cpu_seconds(process_id: int) -> float | None:
    """In user and system mode, all threads; ticks of 10 ms."""
    if not known():
        return None
    fields = Path(f"/proc/{process_id}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(process_id: int) -> float | None:
    """Memory that is really there now, in MB of 1024 × 1024 bytes."""
    return _status_mb(process_id, "VmRSS")


def peak_mb(process_id: int) -> float | None:
    """The most that was resident since the program began."""
    return _status_mb(process_id, "VmHWM")


def _status_mb(process_id: int, field: str) -> float | None:
    if not known():
        return None
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) / 1024
    return None
