"""Events come at least once; the inbox makes their effect happen once, in the consumer's own transaction."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

from kernel.data.engine import Tx
from kernel.data.tables import inbox


def insert_new(tx: Tx, table: Table, row: dict[str, Any]) -> bool:
    """Insert unless the key is taken; True if it was inserted."""
    return tx.execute(_INSERTS[tx.dialect.name](table), row).first() is not None


def first(tx: Tx, consumer: str, envelope_id: str) -> bool:
    """True if this consumer has not seen the envelope; from now on, if the transaction commits, it has."""
    row = {"consumer": consumer, "envelope_id": envelope_id, "seen_us": time.time_ns() // 1000}
    return insert_new(tx, inbox, row)


@lru_cache
def _for_sqlite(table: Table) -> ReturningInsert[Any]:
    return sqlite.insert(table).on_conflict_do_nothing().returning(*table.primary_key)


@lru_cache
def _for_postgres(table: Table) -> ReturningInsert[Any]:
    return postgresql.insert(table).on_conflict_do_nothing().returning(*table.primary_key)


_INSERTS = {"sqlite": _for_sqlite, "postgresql": _for_postgres}
