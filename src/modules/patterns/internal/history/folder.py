"""The folder below the data folder: files appear in it whole or not at all, and only one writer works in it at a time.

    months/2026-11-3f9c….columns   a partition; counts only if the manifest names it
    staged/<import>/000001.npz     a segment of an import that has not ended
    writing.lock                   held (flock) while files exist that no committed row names yet

The lock dies with its process, so whoever gets it may sweep up what a killed writer left behind.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from kernel.errors import Unavailable
from modules.patterns.internal.history.months import month_name

_GRACE_SECONDS: Final = 600.0
"""How long a replaced file stays for readers that were told its name before it was replaced."""
_LOCK_POLL_SECONDS: Final = 0.05


class Folder:
    """One process's view of the history folder."""

    def __init__(self, root: Path) -> None:
        self._months = root / "months"
        self._staged = root / "staged"
        self._lock = root / "writing.lock"
        self._turn = asyncio.Lock()
        self._retired: dict[str, float] = {}
        self._months.mkdir(parents=True, exist_ok=True)
        self._staged.mkdir(exist_ok=True)

    def month_file(self, name: str) -> Path:
        return self._months / name

    def new_month_name(self, month: int) -> str:
        return f"{month_name(month)}-{secrets.token_hex(8)}.columns"

    def segment_file(self, import_id: str, number: int) -> Path:
        return self._staged / import_id / f"{number:06}.npz"

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """The only writer, in this process and in others on this folder, until the block ends."""
        async with self._turn:
            handle = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                while not _try_lock(handle):  # noqa: ASYNC110 - another process holds it, which sets no event of ours
                    await asyncio.sleep(_LOCK_POLL_SECONDS)
                yield
            finally:
                os.close(handle)

    def retire(self, names: Iterable[str]) -> None:
        """These partitions were replaced: remove them when no reader can still be on its way to them."""
        now = time.monotonic()
        self._retired.update(dict.fromkeys(names, now))
        for name in [name for name, since in self._retired.items() if now - since > _GRACE_SECONDS]:
            del self._retired[name]
            self.month_file(name).unlink(missing_ok=True)

    def discard(self, names: Iterable[str]) -> None:
        """Remove partitions that never became visible."""
        for name in names:
            self.month_file(name).unlink(missing_ok=True)

    def unstage(self, import_id: str) -> None:
        """Remove an import's segments."""
        shutil.rmtree(self._staged / import_id, ignore_errors=True)

    def staged(self) -> tuple[str, ...]:
        """The imports that have something staged."""
        return tuple(path.name for path in self._staged.iterdir())

    def sweep(self, named: Collection[str], dead: Iterable[str]) -> None:
        """At start, under `writing`: remove the partitions that no row names, and what dead imports had staged."""
        for path in self._months.iterdir():
            if path.name not in named:
                path.unlink(missing_ok=True)
        for import_id in dead:
            self.unstage(import_id)


def write_whole(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file so that after a power cut it is there whole under its name, or not at all. Raises Unavailable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        _sync_folder(path.parent)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Unavailable(
                what="the history folder", reason=f"{error.strerror}: free some space, or look at the disk"
            ) from error
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
