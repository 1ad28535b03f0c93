"""Who holds a lease: a name from which a process of the same machine can see that its owner is gone.

    where (10 hex)   the running kernel and its process namespace: only there does the number mean anything
    pid (6), started (8, in ticks since boot)   both together name one process; numbers are given again, also soon
    chance (8)       tells several owners in one process apart

Where Linux' /proc is not to be had, the name is random: then nobody can tell, and the lease runs out by itself.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from functools import cache
from pathlib import Path


def new_owner() -> str:
    """A name for this process as it is now, 32 hex letters; a new one each time."""
    chance = uuid.uuid4().hex
    where, state = _where(os.getpid()), _state(os.getpid())
    if where is None or state is None:
        return chance
    return f"{where}{os.getpid():06x}{state[1]}{chance[:8]}"


def is_gone(owner: str) -> bool:
    """Whether that process provably runs no more. False: it does, or nobody here can know."""
    if len(owner) != 32 or owner[:10] != _where(os.getpid()):
        return False
    pid, started = int(owner[10:16], 16), owner[16:24]
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it is there, and another user's
    state = _state(pid)
    return state is not None and (state[0] in "ZX" or state[1] != started)


@cache
def _where(pid: int) -> str | None:
    """This kernel since its boot, and the namespace in which `pid` is our number; None if that cannot be known."""
    try:
        if os.readlink("/proc/self") != str(pid):  # a /proc of other namespaces speaks of others' processes
            return None
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
        space = os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return None
    return hashlib.sha256(f"{boot.strip()} {space}".encode()).hexdigest()[:10]


def _state(pid: int) -> tuple[str, str] | None:
    """A process's state and its start, of proc_pid_stat(5); its name, before them, may hold anything."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return fields[0].decode("ascii"), f"{int(fields[19]) % 2**32:08x}"
    except (OSError, ValueError, IndexError):
        return None
