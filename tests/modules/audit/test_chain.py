"""The chain as pure values: what is hashed, and that nothing in it can be changed unseen."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.facade.event import Envelope
from modules.audit.internal.domain.chain import FIRST_PREVIOUS, Head, Row, canonical, digest, record, seal
from modules.audit.internal.domain.verdict import Checkpoint, DamagedCheckpoints, judge

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def envelope(number: int = 1, **changes: object) -> Envelope:
    fields: dict[str, object] = {
        "id": f"e{number}",
        "topic": "patterns.HabitsFound",
        "key": "patterns.HabitsFound",
        "occurred_at": NOON + timedelta(seconds=number),
        "actor": "alice",
        "payload": json.dumps({"number": number}),
    }
    return Envelope(**{**fields, **changes})  # type: ignore[arg-type]


def chain(length: int) -> list[Row]:
    rows: list[Row] = []
    head = Head()
    for number in range(1, length + 1):
        rows.append(seal(head, envelope(number), NOON + timedelta(minutes=number)))
        head = Head(number, rows[-1].hash)
    return rows


def checkpoint(row: Row) -> Checkpoint:
    return Checkpoint(sequence=row.sequence, hash=row.hash, at="2026-11-20T12:00:00Z")


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
ENVELOPES = st.builds(
    Envelope,
    id=TEXT,
    topic=TEXT,
    key=TEXT,
    actor=TEXT,
    payload=TEXT,
    trace_id=st.none() | TEXT,
    occurred_at=st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 28)).flatmap(
        lambda naive: st.integers(-14, 14).map(lambda hours: naive.replace(tzinfo=timezone(timedelta(hours=hours))))
    ),
)


def test_is_hashed_over_exactly_these_bytes() -> None:
    row = seal(Head(), envelope(trace_id=None, actor='Zoë "z"\n'), NOON)
    written = (
        '["' + "0" * 64 + '",1,"2026-11-20T12:00:00Z",'
        '{"actor":"Zoë \\"z\\"\\n","id":"e1","key":"patterns.HabitsFound","occurred_at":"2026-11-20T12:00:01Z",'
        '"payload":"{\\"number\\": 1}","topic":"patterns.HabitsFound"}]'
    )
    assert row.hash == hashlib.sha256(written.encode()).hexdigest()


@given(ENVELOPES)
def test_gives_back_the_envelope_that_was_sealed(given_envelope: Envelope) -> None:
    row = seal(Head(), given_envelope, NOON)
    assert record(row).envelope == given_envelope
    assert canonical(record(row).envelope) == row.envelope
    assert judge(iter([row]), iter(())).intact


@pytest.mark.parametrize("text", ["a\ud800", "a\x00"])
def test_refuses_text_that_no_database_can_hold(text: str) -> None:
    with pytest.raises(Invalid, match=r"envelope\.actor"):
        canonical(envelope(actor=text))


def test_refuses_a_time_that_utc_cannot_name() -> None:
    with pytest.raises(Invalid, match="years 1 to 9999"):
        canonical(envelope(occurred_at=datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))))


def test_an_intact_chain_has_a_head_and_counts_its_checkpoints() -> None:
    rows = chain(20)
    verdict = judge(iter(rows), iter([checkpoint(rows[4]), checkpoint(rows[19])]))
    assert (verdict.intact, verdict.records, verdict.head, verdict.checkpoints) == (True, 20, rows[-1].hash, 2)


def test_an_empty_chain_is_intact_and_has_no_head() -> None:
    verdict = judge(iter(()), iter(()))
    assert (verdict.intact, verdict.records, verdict.head) == (True, 0, None)


def _changed(value: str | int, at: int, bit: int) -> str | int:
    """The value with one byte, or one digit, made another."""
    if isinstance(value, int):
        return value + 1 + bit
    raw = bytearray(value.encode())
    raw[at % len(raw)] ^= 1 << (bit % 7)
    return raw.decode("utf-8", "surrogateescape")


@settings(max_examples=300)
@given(
    place=st.integers(0, 11),
    field=st.sampled_from([name for name in asdict(chain(1)[0]) if name != "sequence"]),
    at=st.integers(0, 400),
    bit=st.integers(0, 6),
)
def test_any_changed_byte_is_found_at_its_record(place: int, field: str, at: int, bit: int) -> None:
    rows = chain(12)
    rows[place] = replace(rows[place], **{field: _changed(getattr(rows[place], field), at, bit)})
    bad = judge(iter(rows), iter(())).first_bad
    assert bad is not None
    assert bad.sequence == place + 1
    assert bad.reason.startswith("changed")


@given(st.integers(0, 10))
def test_a_deleted_record_is_missing_at_its_place(place: int) -> None:
    rows = chain(12)
    del rows[place]
    bad = judge(iter(rows), iter(())).first_bad
    assert bad is not None
    assert bad.sequence == place + 1
    assert bad.reason == f"missing: the next one is record {place + 2}"


@given(st.integers(0, 10))
def test_a_record_deleted_under_renumbered_others_is_found_at_its_place(place: int) -> None:
    rows = chain(12)
    rows = rows[:place] + [replace(row, sequence=row.sequence - 1) for row in rows[place + 1 :]]
    bad = judge(iter(rows), iter(())).first_bad
    assert bad is not None
    assert bad.sequence == place + 1
    assert bad.reason == f"out of order: what stands here was written as record {place + 2}"


@given(st.lists(st.integers(0, 11), min_size=2, max_size=2, unique=True).map(sorted))
@example([0, 11])
def test_two_swapped_records_are_found_at_the_first(places: list[int]) -> None:
    first, second = places
    rows = chain(12)
    rows[first], rows[second] = (
        replace(rows[second], sequence=first + 1),
        replace(rows[first], sequence=second + 1),
    )
    bad = judge(iter(rows), iter(())).first_bad
    assert bad is not None
    assert bad.sequence == first + 1
    assert bad.reason == f"out of order: what stands here was written as record {second + 1}"


@given(st.integers(0, 11), st.integers(1, 12))
def test_an_end_that_was_cut_off_is_shown_by_a_checkpoint(left: int, known: int) -> None:
    rows = chain(12)
    verdict = judge(iter(rows[:left]), iter([checkpoint(rows[known - 1])]))
    assert verdict.intact == (known <= left)
    if verdict.first_bad is not None:
        assert verdict.first_bad.sequence == left + 1
        assert verdict.first_bad.reason.startswith("cut off")


def test_a_past_rewritten_with_all_its_hashes_is_shown_by_the_next_checkpoint() -> None:
    before, after = chain(12), chain(5)
    head = after[-1]
    for number in range(6, 13):
        changed = envelope(number, actor="mallory" if number == 6 else "alice")
        head = seal(Head(head.sequence, head.hash), changed, NOON + timedelta(minutes=number))
        after.append(head)
    assert judge(iter(after), iter(())).intact, "without checkpoints nobody can know"
    bad = judge(iter(after), iter([checkpoint(before[2]), checkpoint(before[8])])).first_bad
    assert bad is not None
    assert bad.sequence == 9
    assert "from record 4 on was rewritten" in bad.reason


def test_one_rewritten_record_with_a_fitting_hash_breaks_the_next() -> None:
    rows = chain(4)
    rows[1] = seal(Head(1, rows[0].hash), envelope(2, actor="mallory"), NOON)
    bad = judge(iter(rows), iter(())).first_bad
    assert bad is not None
    assert (bad.sequence, "one of the two was rewritten" in bad.reason) == (3, True)


def test_bytes_cannot_move_between_fields_under_the_same_hash() -> None:
    row = chain(1)[0]
    text = row.envelope
    cut = text.index(',"id"')
    moved = replace(row, recorded_at=row.recorded_at + '",' + text[: cut - 1], envelope=text[cut + 1 :])
    assert digest(moved.previous_hash, 1, moved.recorded_at, moved.envelope) == row.hash, "the very same bytes"
    bad = judge(iter([moved]), iter(())).first_bad
    assert bad is not None
    assert bad.reason == "changed: a field does not hold what such a field can hold"


def test_a_record_put_before_the_first_is_found() -> None:
    rows = chain(3)
    bad = judge(iter([replace(rows[0], sequence=-3), *rows]), iter(())).first_bad
    assert bad is not None
    assert "before the first record" in bad.reason


def test_a_damaged_checkpoint_is_a_broken_proof() -> None:
    rows = chain(3)

    def damaged():  # type: ignore[no-untyped-def]
        yield checkpoint(rows[1])
        raise DamagedCheckpoints("line 2", after=2)

    bad = judge(iter(rows), damaged()).first_bad
    assert bad is not None
    assert (bad.sequence, "line 2 of the checkpoint file" in bad.reason) == (3, True)


def test_the_first_record_follows_sixty_four_zeros() -> None:
    assert chain(1)[0].previous_hash == FIRST_PREVIOUS == "0" * 64
