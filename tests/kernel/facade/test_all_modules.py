"""For every operation of every module, through bytes is as in process: the law that lets a module be moved.

A service that gives made-up values and faults stands behind both ports; Hypothesis makes the arguments up.
"""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import modules
from kernel.errors import Fault
from kernel.facade.local import local_port
from kernel.facade.operation import Facade, Operation
from kernel.facade.port import Port, arguments
from kernel.facade.strict import strict_port
from kernel.facade.wire import fields_of
from kernel.testing.sample import SHELF
from kernel.testing.values import requests_of, values_of

FACADES: list[Facade] = [
    SHELF,
    *(
        facade
        for found in pkgutil.iter_modules(modules.__path__)
        for facade in importlib.import_module(f"modules.{found.name}").FACADES
    ),
]
OPERATIONS = [pytest.param(facade, op, id=op.path) for facade in FACADES for op in facade.operations]


def answers(operation: Operation) -> st.SearchStrategy[Any]:
    """A result (for a stream, a few items), or one of the declared errors."""
    result = values_of(operation.result)
    faults = [
        values_of(fields_of(kind)).map(lambda fields, kind=kind: kind(**arguments(fields))) for kind in operation.raises
    ]
    return st.one_of(st.lists(result, max_size=3) if operation.streams else result, *faults)


def service(facade: Facade, operation: Operation, answer: Any, asked: list[dict[str, Any]]) -> Port:
    async def call(**given: Any) -> Any:
        asked.append(given)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def stream(**given: Any) -> AsyncIterator[Any]:
        for item in await call(**given):
            yield item

    chosen = stream if operation.streams else call
    return Port(facade, {one.name: chosen for one in facade.operations})


async def outcome(port: Any, operation: Operation, given: dict[str, Any]) -> Any:
    method = getattr(port, operation.name)
    try:
        return [item async for item in method(**given)] if operation.streams else await method(**given)
    except Fault as fault:
        return type(fault), fault.fields(), fault.ran, str(fault)


@pytest.mark.parametrize(("facade", "operation"), OPERATIONS)
def test_strict_answers_as_local(facade: Facade, operation: Operation) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        given_arguments = arguments(data.draw(requests_of(operation)))
        answer = data.draw(answers(operation))

        async def both() -> None:
            asked: list[dict[str, Any]] = []
            behind = service(facade, operation, answer, asked)
            here = await outcome(local_port(facade, behind, "test"), operation, given_arguments)
            strict = await outcome(strict_port(facade, behind, "test"), operation, given_arguments)
            assert strict == here
            assert asked == [given_arguments, given_arguments]

        asyncio.run(both())

    law()


def test_every_module_is_looked_at() -> None:
    assert {facade.module for facade in FACADES} >= {"sample", "audit", "patterns", "training", "automation"}
