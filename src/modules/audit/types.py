"""The trail's values. Each record holds the hash of the one before it: changing one breaks all that follow."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from kernel.facade import Count, Instant, Value
from kernel.facade.event import Envelope

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]


class Record(Value, frozen=True, kw_only=True):
    """One envelope, chained. `hash`: SHA-256 of `previous_hash`, `sequence`, `recorded_at` and the envelope's JSON."""

    sequence: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    recorded_at: Instant
    envelope: Envelope
    previous_hash: Sha256
    """64 zeros for the first record."""
    hash: Sha256


class TrailQuestion(Value, frozen=True, kw_only=True):
    """Records that match everything named, in order. `topic` may end in `*`."""

    topic: str | None = None
    actor: str | None = None
    since: Instant | None = None
    until: Instant | None = None
    after_sequence: Count = 0
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class BadRecord(Value, frozen=True, kw_only=True):
    """The first record that is not what was written; `reason`: changed, missing, out of order, cut off."""

    sequence: Count
    reason: str


class Verification(Value, frozen=True, kw_only=True):
    """The chain was read to its end, or to its first bad record: `records` before it are good.

    `head` is the hash of the last good record, worth keeping elsewhere.
    """

    intact: bool
    records: Count
    head: Sha256 | None = None
    first_bad: BadRecord | None = None
    checkpoints: Count = 0
    """How many checkpoints kept outside the database agreed; 0: an end that was cut off would not be noticed."""
