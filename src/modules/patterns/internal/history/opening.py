"""Opening a file that a person named: what kind it is by its first bytes, and every way in which it may not open.

Names lie (`export.csv` that is a gzip), bytes do not.
"""

from __future__ import annotations

import gzip
import hashlib
import lzma
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Final, Literal, cast

from modules.patterns.errors import BadSource

Packing = Literal["plain", "gz", "xz"]
Kind = Literal["csv", "recorder"]
_SQLITE: Final = b"SQLite format 3\0"
_OTHERS: Final = {
    b"PK\x03\x04": "a .zip archive",
    b"BZh": "a .bz2 file",
    b"(\xb5/\xfd": "a .zst file",
    b"7z\xbc\xaf": "a .7z archive",
}
_UNPACK: Final = "Unpack it and import what is in it"
_BLOCK: Final = 1 << 20


@contextmanager
def faults_of(path: Path) -> Iterator[None]:
    """Say what went wrong with the file `path`, instead of what Python calls it."""
    try:
        yield
    except FileNotFoundError:
        raise BadSource(
            path=str(path),
            reason="there is no such file",
            remedy="Check the path; it is read on the machine that Homewright runs on",
        ) from None
    except PermissionError:
        raise BadSource(
            path=str(path),
            reason="this user may not read it",
            remedy="Give the user that Homewright runs as the right to read it",
        ) from None
    except IsADirectoryError:
        raise BadSource(path=str(path), reason="it is a folder", remedy="Name a file in it") from None
    except (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile) as error:
        reason = (
            "it ends too early: it was cut off" if isinstance(error, EOFError) else "its compressed data is damaged"
        )
        raise BadSource(
            path=str(path), reason=reason, remedy="Copy it again from where it came from; nothing was imported"
        ) from None
    except OSError as error:
        raise BadSource(
            path=str(path),
            reason=f"it cannot be read ({error.strerror or error})",
            remedy="Check the disk that it lies on",
        ) from None


def kind_of(path: Path) -> tuple[Kind, Packing]:
    """What the file is. Raises BadSource if it cannot be opened or can be no history."""
    with faults_of(path):
        if path.exists() and not path.is_file() and not path.is_dir():
            raise BadSource(path=str(path), reason="it is no plain file", remedy="Save it as a file first")
        with path.open("rb") as file:
            head = file.read(len(_SQLITE))
    if not head:
        raise BadSource(path=str(path), reason="it is empty", remedy="Export the history again")
    if head == _SQLITE:
        return "recorder", "plain"
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise BadSource(path=str(path), reason=f"it is {name}", remedy=_UNPACK)
    packing: Packing = "gz" if head[:2] == b"\x1f\x8b" else "xz" if head[:6] == b"\xfd7zXZ\0" else "plain"
    if packing != "plain":
        with faults_of(path), unpacked(path, packing) as (text, _):
            if text.read(len(_SQLITE)) == _SQLITE:
                raise BadSource(path=str(path), reason="it is a packed database", remedy=_UNPACK)
    return "csv", packing


@contextmanager
def unpacked(path: Path, packing: Packing) -> Iterator[tuple[IO[bytes], BinaryIO]]:
    """The file's text, and the file itself, whose position tells how much of it has been read."""
    with path.open("rb") as raw:
        if packing == "gz":
            with gzip.open(raw) as text:
                yield cast("IO[bytes]", text), raw
        elif packing == "xz":
            with lzma.open(raw) as text:
                yield text, raw
        else:
            yield raw, raw


def digest_of(path: Path) -> bytes:
    """SHA-256 of the bytes of the file."""
    with faults_of(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


def stamp_of(path: Path) -> tuple[int, int]:
    """What changes when the file does: its size and its time."""
    with faults_of(path):
        status = path.stat()
    return status.st_size, status.st_mtime_ns


def skip(text: IO[bytes], count: int) -> None:
    """Read past `count` bytes of what may be a packed stream."""
    while count > 0 and (read := len(text.read(min(_BLOCK, count)))):
        count -= read
