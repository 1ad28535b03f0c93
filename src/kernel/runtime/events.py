"""What the kernel itself tells, so that the trail holds who changed what: tokens and switches."""

from __future__ import annotations

from typing import ClassVar

from kernel.facade.event import Event


class KernelEvent(Event, frozen=True, kw_only=True):
    module: ClassVar[str] = "kernel"


class TokenCreated(KernelEvent, frozen=True, kw_only=True):
    """Somebody may come in. Never holds the secret."""

    token_id: str
    name: str
    role: str


class TokenRevoked(KernelEvent, frozen=True, kw_only=True):
    """Somebody may not come in any more."""

    token_id: str
    name: str


class SwitchFlipped(KernelEvent, frozen=True, kw_only=True):
    """The calls of a facade, or of one operation, go elsewhere from now on."""

    facade: str
    operation: str | None = None
    state: str
    peer_url: str | None = None
    changed_by: str
    reason: str

    def key(self) -> str:
        return self.facade
