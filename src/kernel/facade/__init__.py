"""How modules talk. A facade is a Protocol of marked methods over values; all else is derived from it.

`operation` holds the marks, `values` what may cross, `check` the law of a facade, `context` what travels with a call;
`local`, `strict`, `client` and `server` are the derived ports; `switch` chooses between them; `contract` writes it
down. This package file gives what a module's facade may import, and loads no framework.
"""

from kernel.facade.check import checked
from kernel.facade.context import Context, Principal, calling, current
from kernel.facade.operation import Effect, Facade, Operation, Raises, read, write
from kernel.facade.values import Count, Instant, Scalar, Share, Value

__all__ = [
    "Context",
    "Count",
    "Effect",
    "Facade",
    "Instant",
    "Operation",
    "Principal",
    "Raises",
    "Scalar",
    "Share",
    "Value",
    "calling",
    "checked",
    "current",
    "read",
    "write",
]
