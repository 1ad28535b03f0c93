"""A value that is used and never shown: no print, log, repr, f-string, JSON or pickle gives it away."""

from __future__ import annotations

from typing import Any, NoReturn

MASK = "******"


class Secret:
    """Text that only `reveal()` gives. msgspec and json refuse to encode it, pickle and copy refuse to carry it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the one place that needs it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Secret is not copied or pickled: reveal it where it is used")
