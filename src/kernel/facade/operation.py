"""The marks on a facade's methods, and the operation that is read off a marked method.

A method is `async` and returns a value, or is plain and returns `AsyncIterator[T]` (a stream; always a read).
`raises` on the Protocol lists the Declared errors of all its methods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from kernel.errors import Declared

Method = TypeVar("Method", bound=Callable[..., Any])
_MARK = "__homewright_effect__"

Raises = tuple[type[Declared], ...]
"""What a facade's `raises` holds; a service subclasses its Protocol and so carries it too."""


@dataclass(frozen=True)
class Effect:
    """What calling twice does. Reads may always be repeated; idempotent writes may be with the same key."""

    kind: Literal["read", "write"]
    idempotent: bool


def read(method: Method) -> Method:
    """Changes nothing: may be retried, sampled and compared."""
    setattr(method, _MARK, Effect("read", idempotent=True))
    return method


def write(*, idempotent: bool = False) -> Callable[[Method], Method]:
    """Changes something. `idempotent`: with an idempotency key, a repeated call has one effect and the same reply."""

    def mark(method: Method) -> Method:
        setattr(method, _MARK, Effect("write", idempotent))
        return method

    return mark


def effect_of(method: Any) -> Effect | None:
    """The mark of a method, or None."""
    return getattr(method, _MARK, None)


@dataclass(frozen=True)
class Operation:
    """One method of a facade, as everything that is derived needs it."""

    module: str
    facade: str
    name: str
    effect: Effect
    request: type
    """A frozen Struct with the parameters as fields; unknown fields are refused."""
    result: Any
    """The type of the answer, or of one item of a stream."""
    streams: bool
    raises: tuple[type[Declared], ...]
    doc: str

    @property
    def path(self) -> str:
        """`patterns/Replay/replay`: the name on the wire, in metrics, in the trail."""
        return f"{self.module}/{self.facade}/{self.name}"


@dataclass(frozen=True)
class Facade:
    """A checked Protocol: what `checked` returns and every derivation takes."""

    module: str
    name: str
    protocol: type
    operations: tuple[Operation, ...]

    @property
    def path(self) -> str:
        return f"{self.module}/{self.name}"
