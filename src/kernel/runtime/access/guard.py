"""The guard of a route: `guards=[guard("operator")]`. Every route has one, or is on the gateway's short open list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any

from kernel.errors import Forbidden, Unauthorized
from kernel.facade.context import Role, current
from kernel.runtime.access.keyring import allows

if TYPE_CHECKING:
    from litestar.connection import ASGIConnection
    from litestar.handlers.base import BaseRouteHandler

Guard = Callable[["ASGIConnection[Any, Any, Any, Any]", "BaseRouteHandler"], Awaitable[None]]


def guard(role: Role) -> Guard:
    """Lets in who has `role` or more. Raises Unauthorized without a valid token, Forbidden with too small a role."""
    return GUARDS[role]


def role_of(guards: Iterable[Any]) -> Role | None:
    """The role that these guards ask for together, or None when none of them is ours."""
    roles = [role for role, ours in GUARDS.items() if any(ours is one for one in guards)]
    return roles[-1] if roles else None


def _guard(needed: Role) -> Guard:
    async def guarded(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        principal = current().principal
        if principal is None:
            raise Unauthorized()
        if not allows(principal.role, needed):
            raise Forbidden(needed=needed, role=principal.role)

    guarded.__name__ = f"guard_{needed}"
    return guarded


GUARDS: dict[Role, Guard] = {"viewer": _guard("viewer"), "operator": _guard("operator"), "admin": _guard("admin")}
"""Least first. One function per role: Litestar and the test of guarded routes know them by identity."""
