"""Kill a process at random moments, start it again, and see what is left. SIGKILL to a real process, no less.

The victim is any command that prints the line `ready` when its work has begun, and ends with 0 when all is done. It
must be able to go on where an earlier run was killed. It may take on more than it can do in one life until it is told
that this is its last (`last_life()`), so that a fast machine kills as often as a slow one. What it has promised to keep
it prints as `kept <what>` lines *after* the promise was made; the test compares these with what it finds.
"""

from __future__ import annotations

import os
import random
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

VARIABLE = "HOMEWRIGHT_TEST_KILLS"
LAST_LIFE = "HOMEWRIGHT_TEST_LAST_LIFE"
READY = "ready"
KEPT = "kept "


def kills_wanted(default: int = 5) -> int:
    """How often a test should kill, from HOMEWRIGHT_TEST_KILLS."""
    return int(os.environ.get(VARIABLE, default))


def last_life() -> bool:
    """Asked by the victim: whether it may come to its end now, for nobody will kill it any more."""
    return LAST_LIFE in os.environ


@dataclass
class Ordeal:
    """What came of it: how often the victim was killed at work, what it promised to keep, and what it said last."""

    kills: int = 0
    kept: list[str] = field(default_factory=list)
    last_words: str = ""


def kill_repeatedly(
    command: Sequence[str],
    *,
    times: int,
    seed: int,
    longest_seconds: float = 0.5,
    patience_seconds: float = 60.0,
    environment: Mapping[str, str] | None = None,
) -> Ordeal:
    """Start the command and kill it `times` times, up to `longest_seconds` after `ready`; then let it end by itself.

    A victim that ends before its kill ends the ordeal early. Raises AssertionError if a run fails by itself.
    """
    chance, ordeal = random.Random(seed), Ordeal()
    while ordeal.kills < times:
        if not _run(command, ordeal, chance.uniform(0, longest_seconds), patience_seconds, environment):
            return ordeal
        ordeal.kills += 1
    if _run(command, ordeal, None, patience_seconds, environment):
        raise AssertionError(f"it did not end within {patience_seconds:g} s: {ordeal.last_words}")
    return ordeal


def _run(
    command: Sequence[str], ordeal: Ordeal, life: float | None, patience: float, environment: Mapping[str, str] | None
) -> bool:
    """One life; True if it was killed, False if it ended well by itself."""
    circumstances = {**os.environ, **(environment or {}), **({LAST_LIFE: "1"} if life is None else {})}
    victim = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=circumstances)
    try:
        killed = _read_until(victim, ordeal, life, time.monotonic() + patience)
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        victim.stdout.close()  # type: ignore[union-attr]
    if not killed and victim.returncode != 0:
        raise AssertionError(f"it failed by itself with {victim.returncode}: {ordeal.last_words}")
    return killed


def _read_until(victim: subprocess.Popen[bytes], ordeal: Ordeal, life: float | None, ends: float) -> bool:
    """Read lines until the kill is due (True) or the victim has ended (False)."""
    assert victim.stdout is not None
    pipe, rest = victim.stdout.fileno(), b""
    while (left := ends - time.monotonic()) > 0:
        if not select.select([pipe], [], [], left)[0]:
            return True
        block = os.read(pipe, 65536)
        if not block:
            victim.wait()
            return False
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            said = line.decode(errors="replace")
            if said == READY and life is not None:
                ends = time.monotonic() + life
            elif said.startswith(KEPT):
                ordeal.kept.append(said.removeprefix(KEPT))
            else:
                ordeal.last_words = (ordeal.last_words + "\n" + said)[-4000:]
    return True
