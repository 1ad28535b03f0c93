"""The SQL of the table `tokens`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, or_, select, update

from kernel.data.outbox import emit
from kernel.runtime.access.token import Token
from kernel.runtime.events import TokenCreated, TokenRevoked
from kernel.runtime.tables import text_of, values_of
from kernel.runtime.tables import tokens as t

_TOKENS = select(t).order_by(t.c.created_at, t.c.id)


def tokens(tx: Connection) -> list[tuple[str, Token]]:
    """(digest, token) of every token that ever was, oldest first."""
    return [(row.digest, _token(row)) for row in tx.execute(_TOKENS)]


def add_token(tx: Connection, token: Token, digest: str) -> bool:
    """False, and nothing done, if a token that is not revoked or expired has the name."""
    now = text_of(token.created_at)
    alive = t.c.revoked_at.is_(None) & or_(t.c.expires_at.is_(None), t.c.expires_at > now)
    if tx.execute(select(t.c.id).where(t.c.name == token.name, alive)).first():
        return False
    times = {"created_at": now, "expires_at": text_of(token.expires_at)}
    tx.execute(insert(t).values(id=token.id, name=token.name, role=token.role, digest=digest, **times))
    emit(tx, TokenCreated(token_id=token.id, name=token.name, role=token.role))
    return True


def revoke_token(tx: Connection, name_or_id: str, at: datetime) -> Token | None:
    """The token, revoked now or before; of several with the name, the live one, else the last. None: there is none."""
    found = tx.execute(
        select(t)
        .where(or_(t.c.id == name_or_id, t.c.name == name_or_id))
        .order_by(t.c.revoked_at.is_not(None), t.c.created_at.desc())
        .limit(1)
    ).first()
    if found is None:
        return None
    if found.revoked_at is None:
        tx.execute(update(t).where(t.c.id == found.id).values(revoked_at=text_of(at)))
        emit(tx, TokenRevoked(token_id=found.id, name=found.name))
    return _token(tx.execute(select(t).where(t.c.id == found.id)).one())


def note_token_use(tx: Connection, used: Mapping[str, datetime]) -> None:
    for token_id, moment in used.items():
        tx.execute(update(t).where(t.c.id == token_id).values(last_used_at=text_of(moment)))


def _token(row: Row[Any]) -> Token:
    values = {name: value for name, value in values_of(row).items() if name != "digest"}
    return msgspec.convert(values, Token)
