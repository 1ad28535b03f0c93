"""A token: 256 random bits that a person carries, and what the house remembers of it, which is not the token."""

from __future__ import annotations

import hashlib
import secrets
from typing import Annotated

import msgspec
from msgspec import Meta

from kernel.facade.context import Role
from kernel.facade.values import Instant, Value
from kernel.runtime.settings.secret import Secret

MARK = "hw_"
"""Begins every token, so that scanners for leaked secrets and people recognise one."""

_LENGTH = len(MARK) + 43

TokenName = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._@-]*$(?!\n)")]


class Token(Value, frozen=True, kw_only=True):
    """What may be shown of a token. `last_used_at` is at most a minute behind."""

    id: str
    name: TokenName
    role: Role
    created_at: Instant
    last_used_at: Instant | None = None
    expires_at: Instant | None = None
    revoked_at: Instant | None = None


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token at its birth: the only moment at which the house knows its secret."""

    token: Token
    secret: Secret


def new_secret() -> str:
    """`hw_` and 32 random bytes as base64url: 46 characters."""
    return MARK + secrets.token_urlsafe(32)


def looks_like_one(secret: bytes) -> bool:
    """Whether this may be a token of ours; what may not be one is not worth a look at the table."""
    return len(secret) == _LENGTH and secret.startswith(MARK.encode())


def digest(secret: str) -> str:
    """SHA-256 as hex. No salt and no slow hash: 256 random bits cannot be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()
