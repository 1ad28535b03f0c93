"""Where the chain once ended, kept beside the database in a file of its own: what shows that its end was cut off.

One line of JSON per checkpoint, only ever added to and on disk (fsync) before `keep` returns. A last line without its
line feed is a write that a crash cut short; it was never acknowledged, so it is dropped. Blocking: for threads.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec

from modules.audit.internal.domain.chain import Head
from modules.audit.internal.domain.verdict import Checkpoint, DamagedCheckpoints


class Checkpoints:
    """The file. Other processes may add to it too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def read(self) -> Iterator[Checkpoint]:
        """Those that are there now, in order; one line in memory at a time. The iterator raises DamagedCheckpoints."""
        size = self._path.stat().st_size if self._path.exists() else 0
        return self._read(size)

    def _read(self, size: int) -> Iterator[Checkpoint]:
        if not size:
            return
        after = 0
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.endswith(b"\n") or lines.tell() > size:
                    return
                checkpoint = _parsed(line, f"line {number}", after)
                after = checkpoint.sequence
                yield checkpoint

    def last(self) -> Checkpoint | None:
        """The newest, found from the file's end. Raises DamagedCheckpoints."""
        if not self._path.exists():
            return None
        with self._path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 4096))
            whole = file.read().split(b"\n")[:-1]
        return _parsed(whole[-1], "the last line", 0) if whole else None

    def keep(self, head: Head, at: str) -> None:
        """Write down where the chain ends, if that is news. Returns when it is on disk."""
        line = msgspec.json.encode(Checkpoint(sequence=head.sequence, hash=head.hash, at=at)) + b"\n"
        with self._lock, self._path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = self.last()
            if head.sequence <= (known.sequence if known else 0):
                return
            file.truncate(_whole_bytes(self._path))
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
            _sync_folder(self._path.parent)


def _parsed(line: bytes, name: str, after: int) -> Checkpoint:
    try:
        checkpoint = msgspec.json.decode(line, type=Checkpoint)
    except msgspec.MsgspecError:
        raise DamagedCheckpoints(name, after) from None
    if checkpoint.sequence <= after:
        raise DamagedCheckpoints(name, after)
    return checkpoint


def _whole_bytes(path: Path) -> int:
    """How much of the file is whole lines."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 4096))
        tail = file.read()
    return size - (len(tail) - (tail.rfind(b"\n") + 1))


def _sync_folder(folder: Path) -> None:
    """A new file's name is durable only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
