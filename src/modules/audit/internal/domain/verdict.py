"""Reading the chain from its start to its end, and saying where it stops being what was written.

Rows and checkpoints come as streams, so a trail of any length is judged in the same memory. Checkpoints were kept
outside the database: they show an end that was cut off, and a past that was rewritten with all its hashes.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from modules.audit.internal.domain.chain import Head, Row, fault
from modules.audit.types import BadRecord, Verification


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """At `at` the trail's last record was number `sequence`, with this `hash`."""

    sequence: int
    hash: str
    at: str


class DamagedCheckpoints(Exception):
    """A whole line of the checkpoint file is not what the house writes; `after`: the record of the line before it."""

    def __init__(self, line: str, after: int) -> None:
        super().__init__(f"{line} of the checkpoint file is not what was written")
        self.after = after


class Broken(Exception):
    """The first record that is not what was written."""

    def __init__(self, sequence: int, reason: str) -> None:
        super().__init__(reason)
        self.bad = BadRecord(sequence=max(0, sequence), reason=reason)


class Walk:
    """One reading of the chain. `head` is the last good record, `agreed` how many checkpoints it passed."""

    def __init__(self, checkpoints: Iterator[Checkpoint]) -> None:
        self._checkpoints = checkpoints
        self._agreed_until = 0
        self.head = Head()
        self.agreed = 0
        self._next = self._checkpoint()

    def step(self, row: Row) -> None:
        """Take the next row. Raises Broken."""
        reason = fault(self.head, row)
        if reason is not None:
            raise Broken(min(row.sequence, self.head.sequence + 1), reason)
        if self._next is not None and self._next.sequence == row.sequence:
            self._compare(self._next, row)
        self.head = Head(row.sequence, row.hash)

    def end(self) -> None:
        """There are no more rows. Raises Broken if a checkpoint knows of more."""
        if self._next is not None:
            known = f"on {self._next.at} the trail had at least {self._next.sequence} records"
            raise Broken(self.head.sequence + 1, f"cut off: {known}")

    def _compare(self, checkpoint: Checkpoint, row: Row) -> None:
        if checkpoint.hash != row.hash:
            raise Broken(
                row.sequence,
                f"changed: on {checkpoint.at} record {row.sequence} had another hash; something from record "
                f"{self._agreed_until + 1} on was rewritten together with the hashes after it",
            )
        self.agreed += 1
        self._agreed_until = row.sequence
        self._next = self._checkpoint()

    def _checkpoint(self) -> Checkpoint | None:
        try:
            return next(self._checkpoints, None)
        except DamagedCheckpoints as damage:
            raise Broken(damage.after + 1, f"unproven from here: {damage}") from None


def judge(rows: Iterator[Row], checkpoints: Iterator[Checkpoint]) -> Verification:
    """The verdict on a whole chain."""
    walk = None
    try:
        walk = Walk(checkpoints)
        for row in rows:
            walk.step(row)
        walk.end()
    except Broken as broken:
        return _verification(walk, broken.bad)
    return _verification(walk, None)


def _verification(walk: Walk | None, bad: BadRecord | None) -> Verification:
    head = walk.head if walk else Head()
    return Verification(
        intact=bad is None,
        records=head.sequence,
        head=head.hash if head.sequence else None,
        first_bad=bad,
        checkpoints=walk.agreed if walk else 0,
    )
