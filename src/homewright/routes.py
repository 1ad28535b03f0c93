"""The house's own REST: its modules and switches, its dead letters, its nightly work."""

from __future__ import annotations

from typing import Any

from litestar import get, post
from litestar.params import JSONBody

from homewright.house import House, modules_of
from kernel.data.dispatch import DeadLetter
from kernel.errors import NotFound
from kernel.facade import Value, current
from kernel.facade.switch import State, SwitchRecord
from kernel.runtime.access import guard
from kernel.runtime.schedule import Schedule, ScheduledWork


class Flip(Value, frozen=True, kw_only=True):
    """Where the calls of a facade, or of one operation, shall go from now on."""

    facade: str
    """`patterns/Replay`."""
    state: State
    peer_url: str | None = None
    operation: str | None = None
    reason: str = ""


class Letter(Value, frozen=True, kw_only=True):
    """A dead letter to be delivered again."""

    module: str
    event_id: str
    consumer: str


def house_routes(house: House, schedule: Schedule) -> list[Any]:
    @get("/api/v1/modules", guards=[guard("viewer")], summary="The modules and where their facades' calls go")
    async def modules() -> list[dict[str, Any]]:
        return modules_of(house)

    @get("/api/v1/switches", guards=[guard("viewer")], summary="Every change of a facade's switch, oldest first")
    async def switches(facade: str) -> list[SwitchRecord]:
        return list(await house.switch(facade).history())

    @post("/api/v1/switches", guards=[guard("admin")], summary="Send a facade's calls here or to another process")
    async def flip(data: JSONBody[Flip]) -> SwitchRecord:
        who = current().principal
        return await house.switch(data.facade).flip(
            data.state,
            peer_url=data.peer_url,
            operation=data.operation,
            by=who.name if who else "unknown",
            reason=data.reason or "by REST",
        )

    @get("/api/v1/dead-letters", guards=[guard("operator")], summary="Events that a consumer could not take, and why")
    async def dead_letters() -> dict[str, list[DeadLetter]]:
        return {name: list(await one.dead_letters()) for name, one in house.dispatchers.items()}

    @post("/api/v1/dead-letters", guards=[guard("operator")], status_code=202, summary="Deliver a dead letter again")
    async def replay(data: JSONBody[Letter]) -> dict[str, str]:
        if data.module not in house.dispatchers:
            raise NotFound(kind="module", name=data.module)
        await house.dispatchers[data.module].replay(data.event_id, data.consumer)
        return {"state": "waiting"}

    @get("/api/v1/schedule", guards=[guard("viewer")], summary="Nightly work: when it runs next, how it went last")
    async def works() -> list[ScheduledWork]:
        return list(await schedule.works())

    return [modules, switches, flip, dead_letters, replay, works]
