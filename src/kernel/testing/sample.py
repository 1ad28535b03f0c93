"""A facade with every kind of value and every kind of ending, for tests of what is derived from facades."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, ClassVar, Literal, NewType, Protocol

from msgspec import Meta

from kernel.errors import Busy, Conflict, Declared, NotFound
from kernel.facade import Count, Instant, Raises, Scalar, Share, Value, checked, current, read, write

JarId = NewType("JarId", str)


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class NoJar(Declared):
    """Nothing has this name."""

    name: str
    near: tuple[str, ...] = ()
    since: Instant | None = None
    http_status = 404

    def __str__(self) -> str:
        return f"there is no jar {self.name!r}"


class Unlisted(Declared):
    """Raised, but listed in no `raises`."""


class Jar(Value, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=40)]
    full: Share = 0.0
    colour: Colour = Colour.RED
    filled_at: Instant = datetime(2026, 1, 1, tzinfo=UTC)


class Leaf(Value, frozen=True, kw_only=True, tag="leaf"):
    number: int


class Branch(Value, frozen=True, kw_only=True, tag="branch"):
    parts: tuple[Tree, ...] = ()


Tree = Leaf | Branch


class Mixed(Value, frozen=True, kw_only=True):
    """One field of each kind."""

    tree: Tree
    id: JarId
    scalar: Scalar = None
    blob: bytes = b""
    pair: tuple[Literal["a", "b"], Annotated[float, Meta(gt=0.0)]] = ("a", 1.0)
    times: tuple[Instant, ...] = ()
    limit: Annotated[int, Meta(ge=1, le=9)] | None = None
    count: Count = 0


class Seen(Value, frozen=True, kw_only=True):
    """The context as the service saw it."""

    caller: str
    principal: str | None = None
    role: str | None = None
    key: str | None = None
    received: str | None = None
    trace_id: str | None = None
    has_deadline: bool = False


class Shelf(Protocol):
    """Jars on a shelf."""

    raises: ClassVar[Raises] = (NoJar,)

    @read
    async def jar(self, name: str) -> Jar:
        """The jar with this name. Raises NoJar."""

    @write(idempotent=True)
    async def put(self, jar: Jar) -> int:
        """Put a jar there and say how many there are."""

    @write()
    async def take(self, name: str) -> Jar:
        """Take a jar away. Raises NoJar."""

    @read
    def jars(self, prefix: str = "") -> AsyncIterator[Jar]:
        """The jars whose names begin so; ends badly after them for the prefix `bad`. Raises NoJar."""

    @read
    async def reflect(self, value: Mixed, again: int = 1) -> tuple[Mixed, ...]:
        """The value, `again` times."""

    @read
    async def seen(self) -> Seen:
        """The context of this call."""

    @write()
    async def fail(self, how: Literal["bug", "unlisted", "busy", "conflict", "missing", "lie", "sleep"]) -> None:
        """End in this way; `sleep` takes ten minutes."""


class Shelved(Shelf):
    """The service. `open_streams` counts those that were neither read to the end nor closed."""

    def __init__(self) -> None:
        self.kept: dict[str, Jar] = {}
        self.open_streams = 0
        self.calls: list[str] = []

    async def jar(self, name: str) -> Jar:
        self.calls.append("jar")
        if name not in self.kept:
            raise NoJar(name=name, near=tuple(self.kept), since=datetime(2026, 1, 1, tzinfo=UTC))
        return self.kept[name]

    async def put(self, jar: Jar) -> int:
        self.calls.append("put")
        self.kept[jar.name] = jar
        return len(self.kept)

    async def take(self, name: str) -> Jar:
        self.calls.append("take")
        await self.jar(name)
        return self.kept.pop(name)

    async def jars(self, prefix: str = "") -> AsyncIterator[Jar]:
        self.open_streams += 1
        try:
            for name, jar in self.kept.items():
                if prefix == "slow":
                    await asyncio.sleep(0.01)
                if prefix in ("bad", "slow") or name.startswith(prefix):
                    yield jar
            if prefix == "bad":
                raise NoJar(name="bad")
        finally:
            self.open_streams -= 1

    async def reflect(self, value: Mixed, again: int = 1) -> tuple[Mixed, ...]:
        return (value,) * again

    async def seen(self) -> Seen:
        now = current()
        who = now.principal
        return Seen(
            caller=now.caller,
            principal=who.name if who else None,
            role=who.role if who else None,
            key=now.key,
            received=now.received,
            trace_id=now.trace_id,
            has_deadline=now.deadline is not None,
        )

    async def fail(self, how: str) -> None:
        endings: dict[str, Exception] = {
            "bug": ZeroDivisionError("by nought"),
            "unlisted": Unlisted(),
            "busy": Busy(what="the shelf is full", retry_after_seconds=2.5),
            "conflict": Conflict(what="the jar is open"),
            "missing": NotFound(kind="lid", name="blue"),
        }
        self.calls.append(f"fail {how}")
        if how == "sleep":
            await asyncio.sleep(600)
        if how == "lie":
            lie: Any = "no None"
            return lie  # type: ignore[no-any-return]
        raise endings[how]


(SHELF,) = checked("sample", Shelf)
