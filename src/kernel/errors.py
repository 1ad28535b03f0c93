"""The tree of faults. Every failure that a caller may meet has a place here, and says whether the call ran.

    Fault
    ├── Refused            ran: no       the call was not let in; nothing happened
    │   ├── Invalid                      a value breaks the contract; names the place and what was expected
    │   ├── Unauthorized                 no valid token
    │   ├── Forbidden                    a valid token, too small a role
    │   ├── NotFound                     the thing named does not exist
    │   ├── NotConfigured                what is needed was never set up
    │   ├── Conflict                     the thing is not in a state that allows this; nothing was changed
    │   └── Busy                         a queue or a limit is full; says when to come back
    ├── Late               ran: no | unknown   the deadline passed (no: before the call began)
    ├── Unreachable        ran: no       no connection to the process that runs the facade
    ├── Unavailable        ran: no       what the service stands on (its database, its disk) cannot be used now
    ├── Lost               ran: unknown  the call was sent and no whole answer came back
    ├── Cut                ran: unknown  a stream stopped without its end frame
    ├── Undeclared         ran: yes      the service raised what its facade does not declare: a bug of ours
    └── Declared           ran: yes      what a module's `errors.py` declares; the parent of those classes

A subclass writes its fields as annotations and its sentence as `__str__`; the constructor is derived (keyword-only).
The sentence names the thing, what was expected, and what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self, dataclass_transform

Ran = Literal["no", "unknown", "yes"]


@dataclass_transform(kw_only_default=True, eq_default=False)
class Fault(Exception):
    """A failure with a name, typed fields and a sentence. `ran` says whether the call had an effect."""

    ran: ClassVar[Ran] = "unknown"
    http_status: ClassVar[int] = 500

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.__doc__ = cls.__doc__ or cls.__name__  # Else dataclass writes a signature there, and we would say it.
        dataclass(kw_only=True, eq=False, repr=False)(cls)

    def __str__(self) -> str:
        return (type(self).__doc__ or type(self).__name__).strip().splitlines()[0]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.fields(), self.ran)

    def saying(self, ran: Ran) -> Self:
        """Overrule `ran` for this one occurrence: a refusal met inside a call does not mean that nothing ran."""
        self.ran = ran  # type: ignore[misc]
        return self

    def fields(self) -> dict[str, Any]:
        """The typed fields by name, as they cross the wire."""
        return {name: getattr(self, name) for name in getattr(self, "__dataclass_fields__", ())}


def _rebuild(kind: type[Fault], values: dict[str, Any], ran: Ran) -> Fault:
    return kind(**values).saying(ran)


class Refused(Fault):
    """The call was not let in; nothing happened."""

    ran = "no"
    http_status = 400


class Invalid(Refused, ValueError):
    """A value breaks the contract."""

    where: str
    expected: str
    http_status = 422

    def __str__(self) -> str:
        return f"{self.where}: {self.expected}"


class Unauthorized(Refused):
    """No valid token came with the call."""

    reason: str = "send a token: Authorization: Bearer <token> (make one with `homewright token create`)"
    http_status = 401

    def __str__(self) -> str:
        return self.reason


class Forbidden(Refused):
    """The token's role is too small for this call."""

    needed: str
    role: str
    http_status = 403

    def __str__(self) -> str:
        return f"this needs the role {self.needed}; the token has {self.role}"


class NotFound(Refused):
    """The thing named does not exist."""

    kind: str
    name: str
    http_status = 404

    def __str__(self) -> str:
        return f"there is no {self.kind} {self.name!r}"


class NotConfigured(Refused):
    """What the call needs was never set up."""

    what: str
    how: str
    http_status = 503

    def __str__(self) -> str:
        return f"{self.what} is not set up: {self.how}"


class Conflict(Refused):
    """The thing is not in a state that allows this; nothing was changed."""

    what: str
    http_status = 409

    def __str__(self) -> str:
        return self.what


class Busy(Refused):
    """A queue or a limit is full."""

    what: str
    retry_after_seconds: float
    http_status = 429

    def __str__(self) -> str:
        return f"{self.what}; try again in {self.retry_after_seconds:g} s"


class Late(Fault):
    """The deadline passed."""

    operation: str
    began: bool
    http_status = 504

    def __post_init__(self) -> None:
        self.saying("unknown" if self.began else "no")

    def __str__(self) -> str:
        return f"{self.operation}: the deadline passed {'while it ran' if self.began else 'before it began'}"


class Unreachable(Fault):
    """No connection to the process that runs the facade."""

    ran = "no"
    peer: str
    reason: str
    http_status = 503

    def __str__(self) -> str:
        return f"{self.peer} cannot be reached: {self.reason}"


class Unavailable(Fault):
    """What the service stands on cannot be used now: its database, its disk. Nothing was changed."""

    ran = "no"
    what: str
    reason: str
    http_status = 503

    def __str__(self) -> str:
        return f"{self.what} cannot be used: {self.reason}"


class Lost(Fault):
    """The call was sent and no whole answer came back."""

    operation: str
    reason: str
    http_status = 502

    def __str__(self) -> str:
        return f"{self.operation}: sent, but no whole answer came back ({self.reason})"


class Cut(Fault):
    """A stream stopped without its end frame."""

    operation: str
    items: int
    http_status = 502

    def __str__(self) -> str:
        return f"{self.operation}: the stream was cut after {self.items} items"


class Undeclared(Fault):
    """The service raised what its facade does not declare: a bug of ours. `detail` never leaves its process."""

    ran = "yes"
    operation: str
    kind: str
    detail: str = ""

    def outward(self) -> Undeclared:
        """As other processes and people may see it: an exception's text may hold anything, also a secret."""
        return Undeclared(operation=self.operation, kind=self.kind).saying(self.ran)

    def __str__(self) -> str:
        return f"{self.operation} failed with an undeclared {self.kind}" + (f": {self.detail}" if self.detail else "")


class Declared(Fault):
    """The parent of what modules declare in their `errors.py`."""

    ran = "yes"
    http_status = 409
