"""The SQL of the trail. Reads tolerate what no honest write leaves behind: a tampered row must be judged, not crash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import ColumnElement, LargeBinary, Select, cast, insert, select
from sqlalchemy.exc import DBAPIError

from kernel.data import Tx
from kernel.data.inbox import first
from modules.audit.internal.domain.chain import Row, microseconds
from modules.audit.internal.tables import records
from modules.audit.types import TrailQuestion

PAGE: Final = 500
_in_order = select(records).order_by(records.c.sequence)
_backwards = select(records).order_by(records.c.sequence.desc())
_insert = insert(records)


def unheard(tx: Tx, consumer: str, envelope_id: str) -> bool:
    """Whether this consumer meets the envelope for the first time."""
    return first(tx, consumer, envelope_id)


def append(tx: Tx, row: Row) -> None:
    tx.execute(_insert, asdict(row))


def of_envelope(tx: Tx, envelope_id: str) -> Row | None:
    """The record of an envelope."""
    return next(_rows(tx, _in_order.where(records.c.envelope_id == envelope_id)), None)


def at(tx: Tx, sequence: int) -> Row | None:
    return next(_rows(tx, _in_order.where(records.c.sequence == sequence)), None)


def newest(tx: Tx, count: int) -> list[Row]:
    """The last rows, oldest first."""
    return list(_rows(tx, _backwards.limit(count)))[::-1]


def whole(tx: Tx) -> Iterator[Row]:
    """Every row there is, in order, a page in memory at a time."""
    page = list(_rows(tx, _in_order.limit(PAGE)))
    while page:
        yield from page
        page = list(_rows(tx, _in_order.where(records.c.sequence > page[-1].sequence).limit(PAGE)))


def matching(tx: Tx, question: TrailQuestion, after_sequence: int, limit: int) -> list[Row]:
    """The rows that the question asks for, in order."""
    wanted = _in_order.where(records.c.sequence > after_sequence, *_filters(question)).limit(limit)
    return list(_rows(tx, wanted))


def _filters(question: TrailQuestion) -> Iterator[ColumnElement[bool]]:
    if question.topic is not None:
        prefix = question.topic.removesuffix("*")
        same = records.c.topic == question.topic
        yield records.c.topic.startswith(prefix, autoescape=True) if prefix != question.topic else same
    if question.actor is not None:
        yield records.c.actor == question.actor
    if question.since is not None:
        yield records.c.occurred_us >= microseconds(question.since)
    if question.until is not None:
        yield records.c.occurred_us < microseconds(question.until)


def _rows(tx: Tx, wanted: Select[Any]) -> Iterator[Row]:
    try:
        found = tx.execute(wanted).all()
    except DBAPIError:
        if tx.dialect.name != "sqlite":
            raise
        yield from (_from_bytes(row) for row in tx.execute(_as_bytes(wanted)))
        return
    yield from (Row(*row) for row in found)


def _as_bytes(wanted: Select[Any]) -> Select[Any]:
    """SQLite keeps text that is no UTF-8, and its driver will not read it: ask for the bytes."""
    columns = [column if _is_number(column) else cast(column, LargeBinary) for column in records.c]
    return wanted.with_only_columns(*columns, maintain_column_froms=True)


def _is_number(column: Any) -> bool:
    return column.name in ("sequence", "occurred_us")


def _from_bytes(row: Any) -> Row:
    """Bytes that are no UTF-8 become characters that no text has: the hash cannot fit them."""
    fields: list[Any] = [
        value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value for value in row
    ]
    return Row(*fields)
