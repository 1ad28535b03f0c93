"""How fast somebody may ask. `bucket` is the pure rule; `Limits` is what the gateway asks for each request.

A token's requests are counted by the token, others by the client's address. Wrong tokens are counted by address, apart.
A peer (an admin token on /rpc/) is not slowed: its back-pressure is the deadline and the queue limits.
"""

from kernel.runtime.limits.bucket import Buckets
from kernel.runtime.limits.limits import Limits

__all__ = ["Buckets", "Limits"]
