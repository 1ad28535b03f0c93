"""Who a token belongs to, answered from memory: one SHA-256 and one dict look-up.

No constant-time comparison is needed: what is compared is the digest of what was sent, and nobody can choose a secret
whose SHA-256 begins with given bytes, so the time of a look-up tells nothing about a stored digest.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from kernel.facade.context import Principal, Role
from kernel.runtime.access.token import Token

_RANK: dict[Role, int] = {"viewer": 0, "operator": 1, "admin": 2}


def allows(role: Role, needed: Role) -> bool:
    """admin may what operator may, operator may what viewer may."""
    return _RANK[role] >= _RANK[needed]


class _Held:
    __slots__ = ("expires", "principal", "token_id", "used")

    def __init__(self, token: Token) -> None:
        self.principal = Principal(name=token.name, role=token.role)
        self.token_id = token.id
        self.expires = token.expires_at.timestamp() if token.expires_at else float("inf")
        self.used = 0.0


class Keyring:
    """The tokens that work now, by digest. Replaced whole when the table was read anew."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._held: dict[bytes, _Held] = {}

    def hold(self, tokens: Iterable[tuple[str, Token]]) -> None:
        """Take (digest in hex, token) of every token that is not revoked; keep what is known of their use."""
        used = {held.token_id: held.used for held in self._held.values()}
        fresh: dict[bytes, _Held] = {}
        for hexdigest, token in tokens:
            if token.revoked_at is None:
                held = fresh[bytes.fromhex(hexdigest)] = _Held(token)
                held.used = used.get(token.id, 0.0)
        self._held = fresh

    def verify(self, secret: bytes) -> Principal | None:
        """Whose token this is, or None: unknown, revoked and expired look the same from outside."""
        held = self._held.get(hashlib.sha256(secret).digest())
        if held is None:
            return None
        now = self._clock()
        if now >= held.expires:
            return None
        held.used = now
        return held.principal

    def used_since(self, moment: float) -> dict[str, datetime]:
        """Token ids and when they were last used, for those used since `moment` (seconds since 1970)."""
        return {
            held.token_id: datetime.fromtimestamp(held.used, UTC)
            for held in self._held.values()
            if held.used and held.used >= moment
        }

    def __len__(self) -> int:
        return len(self._held)
