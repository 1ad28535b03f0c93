"""The request as our routes see it: a body that Litestar reads is first compared with the type that it becomes."""

from __future__ import annotations

from typing import Any

from litestar import Request

from kernel.facade.codec import too_deep
from kernel.facade.unknown import refuse_unknown


class StrictRequest(Request[Any, Any, Any]):
    """A misspelt field, or JSON nested beyond reading, is the sender's doing: Invalid, for every route with `data`."""

    async def json(self) -> Any:
        try:
            plain = await super().json()
        except RecursionError as error:
            raise too_deep("body") from error
        field = getattr(self.route_handler, "parsed_data_field", None)
        if field is not None:
            refuse_unknown(plain, field.annotation)
        return plain
