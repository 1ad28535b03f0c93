"""What all ports share: a port has the Protocol's methods as plain attributes; arguments bind as the method's do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kernel.facade.operation import Facade, Operation


class Port:
    """A facade as a caller holds it. Its methods are attributes of this object, so a switch can re-point them."""

    def __init__(self, facade: Facade, methods: Mapping[str, Callable[..., Any]]) -> None:
        self.facade = facade
        self.__dict__.update(methods)

    def __repr__(self) -> str:
        return f"<port {self.facade.path}>"


def binder(operation: Operation) -> Callable[[tuple[Any, ...], dict[str, Any]], msgspec.Struct]:
    """Arguments to the operation's request. Wrong arguments raise TypeError, as calling the method would."""
    request = operation.request
    names: tuple[str, ...] = request.__struct_fields__  # type: ignore[attr-defined]

    def bind(args: tuple[Any, ...], kwargs: dict[str, Any]) -> msgspec.Struct:
        if len(args) > len(names):
            raise TypeError(f"{operation.path} takes {len(names)} arguments, {len(args)} were given")
        given = dict(zip(names, args, strict=False))
        twice = given.keys() & kwargs.keys()
        if twice:
            raise TypeError(f"{operation.path} got two values for {', '.join(sorted(twice))}")
        return request(**given, **kwargs)  # type: ignore[no-any-return]

    return bind


def arguments(request: msgspec.Struct) -> dict[str, Any]:
    """The request's fields as keyword arguments, values as they are."""
    return {name: getattr(request, name) for name in request.__struct_fields__}
