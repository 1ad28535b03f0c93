"""What a request says, as a value of the contract."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from litestar import Request

from kernel.errors import Invalid
from kernel.facade.codec import decode

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]


async def strict(request: AnyRequest, kind: type[T]) -> T:
    """The body, decoded as the contract says: Litestar alone would take "1" for 1. Raises Invalid."""
    found: T = decode(await request.body(), kind)
    return found


def given(asked: dict[str, Any]) -> dict[str, Any]:
    """What was said, without what was not."""
    return {name: value for name, value in asked.items() if value is not None}


def converted(kind: type[T], **asked: Any) -> T:
    """What a query says, as a value. Raises Invalid."""
    try:
        return msgspec.convert(given(asked), kind, strict=False)
    except Invalid:
        raise
    except msgspec.ValidationError as problem:
        raise Invalid(where="query", expected=str(problem)) from None
