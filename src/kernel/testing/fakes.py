"""A stand-in for a facade, derived from its Protocol: scripted answers, and no value of a wrong type either way.

patterns = Fake(PATTERNS)
patterns.will("habits", Habits())              # the answer, each time
patterns.will("learn", HistoryTooShort(days=3, needed=14))
patterns.will("habits", [first, second])       # one after the other; the last one stays
await Service(patterns.port).refresh()
assert patterns.calls == [("habits", {})]
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from kernel.errors import Fault, Invalid
from kernel.facade.codec import decode, encode
from kernel.facade.local import came_through
from kernel.facade.operation import Facade, Operation
from kernel.facade.port import Port, arguments, binder
from kernel.facade.wire import KERNEL_FAULTS

Answer = Any
"""A value, a fault to raise, a function of the arguments, a list of these; for a stream a tuple of its items."""


class Unfit(TypeError):
    """A test, or what it tests, gave a fake what its facade does not allow."""


class Fake:
    """`port` is what to hand out; `calls` is what came in, as (operation, arguments)."""

    def __init__(self, facade: Facade) -> None:
        self.facade = facade
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._answers: dict[str, list[Answer]] = {}
        self._operations = {operation.name: operation for operation in facade.operations}
        self._port = Port(facade, {operation.name: self._method(operation) for operation in facade.operations})

    @property
    def port(self) -> Any:
        return self._port

    def will(self, operation: str, answer: Answer) -> Fake:
        """Script an operation. Raises Unfit for an operation or value that the facade does not have."""
        if operation not in self._operations:
            raise Unfit(f"{self.facade.path} has no {operation}: it has {', '.join(self._operations)}")
        answers = list(answer) if isinstance(answer, list) else [answer]
        for one in answers:
            self._check(self._operations[operation], one)
        self._answers[operation] = answers
        return self

    def _check(self, operation: Operation, answer: Answer) -> None:
        if isinstance(answer, Exception):
            if type(answer) not in (*KERNEL_FAULTS.values(), *operation.raises):
                raise Unfit(f"{operation.path} does not declare {type(answer).__name__}")
        elif not callable(answer):
            for value in answer if operation.streams else (answer,):
                _fits(operation.result, value, f"the answer of {operation.path}")

    def _method(self, operation: Operation) -> Callable[..., Any]:
        bind = binder(operation)

        def taken(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Answer:
            request = bind(args, kwargs)
            _fits(operation.request, request, f"a call of {operation.path}")
            self.calls.append((operation.name, arguments(request)))
            return self._next(operation, arguments(request))

        async def call(*args: Any, **kwargs: Any) -> Any:
            return taken(args, kwargs)

        async def stream(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            for item in taken(args, kwargs):
                yield item

        return stream if operation.streams else call

    def _next(self, operation: Operation, given: dict[str, Any]) -> Answer:
        answers: Sequence[Answer] = self._answers.get(operation.name, ())
        if not answers:
            raise Unfit(f"nothing was scripted for {operation.path}: fake.will({operation.name!r}, …)")
        answer = answers[0] if len(answers) == 1 else self._answers[operation.name].pop(0)
        if isinstance(answer, Fault):
            raise came_through(answer, operation)
        if callable(answer):
            answer = answer(**given)
            self._check(operation, answer)
        return answer


def _fits(kind: Any, value: Any, what: str) -> None:
    """A value fits when it comes back from the wire as it went."""
    try:
        back = decode(encode(value), kind, what)
    except Invalid as bad:
        raise Unfit(f"{what}: {bad}") from bad
    if back != value:
        raise Unfit(f"{what}: {value!r} would arrive as {back!r}")
