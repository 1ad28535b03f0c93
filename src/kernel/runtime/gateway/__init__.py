"""The front door: Litestar behind one layer of pure ASGI that knows who asks, how often, and how long it took.

socket -> Door (trace, token, limits, tallies, headers) -> Litestar (routes, roles) -> errors as {"error": …}
"""

from kernel.runtime.gateway.app import Gateway, build_app
from kernel.runtime.gateway.roles import OPEN_ROUTES, UnguardedRoute
from kernel.runtime.gateway.serving import serve

__all__ = ["OPEN_ROUTES", "Gateway", "UnguardedRoute", "build_app", "serve"]
