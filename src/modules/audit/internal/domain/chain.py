"""The chain: how a record is written down byte for byte, hashed and judged. `docs/trail.md` tells strangers the same.

hash(n) = SHA-256 of the UTF-8 bytes of  ["<hash(n-1)>",<n>,"<recorded_at>",{envelope}]
The envelope is JSON without spaces, keys sorted, nulls left out: an envelope that gains fields keeps old hashes.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from kernel.errors import Invalid
from kernel.facade.event import Envelope
from modules.audit.types import Record

FIRST_PREVIOUS: Final = "0" * 64
_NEARBY: Final = 1000
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Row:
    """A record as it lies in the table. The last four repeat the envelope for searching; they must agree with it."""

    sequence: int
    recorded_at: str
    envelope: str
    previous_hash: str
    hash: str
    envelope_id: str
    topic: str
    actor: str
    occurred_us: int


@dataclass(frozen=True)
class Head:
    """Where the chain ends: the last record's number and hash."""

    sequence: int = 0
    hash: str = FIRST_PREVIOUS


def instant(at: datetime) -> str:
    """`2026-11-20T13:14:36Z` or `…36.000001Z`: UTC, six digits of fraction or none."""
    try:
        utc = at.astimezone(UTC)
    except OverflowError:
        raise Invalid(where="time", expected=f"within the years 1 to 9999 in UTC, not {at}") from None
    return utc.replace(tzinfo=None).isoformat() + "Z"


def microseconds(at: datetime) -> int:
    """Since 1970 UTC: what times are compared by."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def canonical(envelope: Envelope) -> str:
    """The envelope as the JSON text that is hashed and stored. Raises Invalid for text that no database can hold."""
    fields = {name: value for name, value in msgspec.structs.asdict(envelope).items() if value is not None}
    fields["occurred_at"] = instant(envelope.occurred_at)
    for name, value in fields.items():
        _storable(f"envelope.{name}", value)
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _storable(where: str, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid(where=where, expected="Unicode text without lone surrogates") from None
    if "\x00" in text:
        raise Invalid(where=where, expected="text without the character U+0000")


def digest(previous_hash: str, sequence: int, recorded_at: str, envelope: str) -> str:
    """The hash of a record; `envelope` is canonical text."""
    written = f'["{previous_hash}",{sequence},"{recorded_at}",{envelope}]'
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def seal(head: Head, envelope: Envelope, recorded_at: datetime) -> Row:
    """The row that follows `head`."""
    text, at, sequence = canonical(envelope), instant(recorded_at), head.sequence + 1
    return Row(
        sequence=sequence,
        recorded_at=at,
        envelope=text,
        previous_hash=head.hash,
        hash=digest(head.hash, sequence, at, text),
        envelope_id=envelope.id,
        topic=envelope.topic,
        actor=envelope.actor,
        occurred_us=microseconds(envelope.occurred_at),
    )


def record(row: Row) -> Record:
    """The row as the value that crosses the facade. Only for rows that were sealed here."""
    return Record(
        sequence=row.sequence,
        recorded_at=msgspec.convert(row.recorded_at, datetime),
        envelope=msgspec.json.decode(row.envelope, type=Envelope),
        previous_hash=row.previous_hash,
        hash=row.hash,
    )


def fault(head: Head, row: Row) -> str | None:
    """Why `row` is not the record that was written after `head`; None if it is. Its place is `head.sequence + 1`."""
    place = head.sequence + 1
    if row.sequence < place:
        return "it stands before the first record: it was put in by someone else"
    if row.sequence > place:
        return f"missing: the next one is record {row.sequence}"
    if not _well_formed(row):
        return "changed: a field does not hold what such a field can hold"
    if row.hash != digest(row.previous_hash, place, row.recorded_at, row.envelope):
        return _displaced(place, row) or "changed: its hash does not fit its content"
    if row.previous_hash != head.hash:
        return "changed: it does not follow the record before it; one of the two was rewritten"
    return _disagreement(row)


def _well_formed(row: Row) -> bool:
    """Text where text belongs, and a time that is a time: else bytes could move between fields under the same hash."""
    texts = (row.recorded_at, row.envelope, row.previous_hash, row.hash)
    return all(isinstance(text, str) for text in texts) and _TIME.fullmatch(row.recorded_at) is not None


def _displaced(place: int, row: Row) -> str | None:
    """Whether the row is whole but was written as another number nearby: moved, or others renumbered around it."""
    for sequence in range(max(1, place - _NEARBY), place + _NEARBY + 1):
        if row.hash == digest(row.previous_hash, sequence, row.recorded_at, row.envelope):
            return f"out of order: what stands here was written as record {sequence}"
    return None


def _disagreement(row: Row) -> str | None:
    """The columns that are searched must say what the hashed envelope says."""
    try:
        envelope = msgspec.json.decode(row.envelope, type=Envelope)
    except (msgspec.MsgspecError, UnicodeError):
        return "changed: its envelope cannot be read"
    expected = (envelope.id, envelope.topic, envelope.actor, microseconds(envelope.occurred_at))
    if (row.envelope_id, row.topic, row.actor, row.occurred_us) != expected:
        return "changed: a column for searching does not say what its envelope says"
    return None
