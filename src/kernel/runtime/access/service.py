"""Tokens over the kernel's database. Read anew every two seconds: another process's revoking counts.

What another process has just made works at once: for a token that memory does not know, the table is read before it is
refused. If the table cannot be read, known tokens go on working and the health check `access` fails: locking the
household out of its own house because a disk is slow would be the worse fault.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kernel.errors import Conflict, Fault, Invalid, NotFound
from kernel.facade.context import Principal, Role
from kernel.runtime.access import store
from kernel.runtime.access.again import Again
from kernel.runtime.access.keyring import Keyring
from kernel.runtime.access.token import NewToken, Token, digest, looks_like_one, new_secret
from kernel.runtime.observe.log import logger
from kernel.runtime.settings.secret import Secret

if TYPE_CHECKING:
    from kernel.data import Database

REFRESH_SECONDS = 2.0
STALE_SECONDS = 15.0
_USE_SECONDS = 60.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Access:
    """Creates, lists, revokes and verifies tokens. `run()` keeps the keyring fresh until it is cancelled."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = _utc_now) -> None:
        self._database = database
        self._clock = clock
        self.keyring = Keyring(clock=lambda: clock().timestamp())
        self._again = Again(self._read)
        self._reading = asyncio.Lock()
        self._read_at = float("-inf")
        self._noted = 0.0

    def verify(self, secret: bytes) -> Principal | None:
        """Whose token this is, from memory; None when it opens nothing."""
        return self.keyring.verify(secret)

    async def verify_anew(self, secret: bytes) -> Principal | None:
        """As `verify`, after a look at the table: for what memory does not know. None also if it cannot be read."""
        if not looks_like_one(secret):
            return None
        await self._again()
        return self.keyring.verify(secret)

    async def create(self, name: str, role: Role, expires_at: datetime | None = None) -> NewToken:
        """Make a token. Its secret is in the answer and nowhere else. Raises Conflict if a live token has the name."""
        now = self._clock()
        if expires_at is not None and expires_at <= now:
            raise Invalid(where="expires_at", expected="a time that has not passed")
        token = Token(id=secrets.token_hex(6), name=name, role=role, created_at=now, expires_at=expires_at)
        secret = new_secret()
        if not await self._database.write(lambda tx: store.add_token(tx, token, digest(secret))):
            raise Conflict(what=f"there is a token named {name!r} already: revoke it first, or choose another name")
        await self.refresh()
        return NewToken(token=token, secret=Secret(secret))

    async def tokens(self) -> tuple[Token, ...]:
        """Every token that ever was, oldest first."""
        return tuple(token for _, token in await self._database.read(store.tokens))

    async def revoke(self, name_or_id: str) -> Token:
        """Stop a token for good; a second time changes nothing. Raises NotFound."""
        now = self._clock()
        token: Token | None = await self._database.write(lambda tx: store.revoke_token(tx, name_or_id, now))
        if token is None:
            raise NotFound(kind="token", name=name_or_id)
        await self.refresh()
        return token

    async def refresh(self) -> None:
        """Read the table now, and note there when tokens were used."""
        await self._note_use()
        await self._read()

    async def run(self) -> None:
        """Refresh until cancelled."""
        while True:
            try:
                await self.refresh()
            except Fault as fault:
                logger("access").warning("tokens_not_read", problem=str(fault))
            await asyncio.sleep(REFRESH_SECONDS)

    async def check(self) -> str | None:
        """For health: None, or that the table of tokens has not been read for a while."""
        age = time.monotonic() - self._read_at
        if age <= STALE_SECONDS:
            return None
        return f"the table of tokens was not read for {age:.0f} s: a revoked token may still work; check the database"

    async def _read(self) -> None:
        async with self._reading:  # What was read first must not be held last: it may know a token that is revoked.
            self.keyring.hold(await self._database.read(store.tokens))
        self._read_at = time.monotonic()

    async def _note_use(self) -> None:
        now = self._clock().timestamp()
        if now - self._noted < _USE_SECONDS:
            return
        used = self.keyring.used_since(self._noted)
        if used:
            await self._database.write(lambda tx: store.note_token_use(tx, used))
        self._noted = now
