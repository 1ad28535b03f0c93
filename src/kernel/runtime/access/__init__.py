"""Who may come in. Opaque tokens `hw_…`, kept only as SHA-256; three roles, each holding the rights of the one before.

    created -> used -> revoked | expired

`token` makes and digests secrets, `keyring` answers "who is this?" from memory, `service` keeps both in step with the
kernel's table, `again` looks there for what memory does not know, `guard` holds the door of a route. A new token works
at once in every process; a revoked one stops at once in this one and within `service.REFRESH_SECONDS` in every other.
Why it is so: docs/decisions/0005-access.md.
"""

from kernel.runtime.access.guard import GUARDS, Guard, guard, role_of
from kernel.runtime.access.keyring import Keyring, allows
from kernel.runtime.access.service import REFRESH_SECONDS, Access
from kernel.runtime.access.token import NewToken, Token

__all__ = [
    "Access",
    "GUARDS",
    "Guard",
    "Keyring",
    "NewToken",
    "REFRESH_SECONDS",
    "Token",
    "allows",
    "guard",
    "role_of",
]
