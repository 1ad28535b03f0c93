"""What a change of a contract breaks, in words: "replay: result field `rate` removed: breaks readers".

The other side is the old one. What callers write (parameters) may only come to allow more; what readers read (results,
errors, events) may only come to give less freely: no new literal, no wider limit, no field gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kernel.facade.contract.types import Direction, Step, TypeComparison

Json = dict[str, Any]
Breaks = Literal["callers", "readers"] | None


@dataclass(frozen=True)
class Change:
    """One difference between two contracts, and whom it breaks."""

    where: str
    """The operation, error, event or facade."""
    what: str
    breaks: Breaks = None

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f": breaks {self.breaks}" if self.breaks else "")


def verdict(old: Json, new: Json) -> tuple[Change, ...]:
    """All that changed from the contract `old` to `new`; nothing for equal ones. Those that break come first."""
    changes = [*_facades(old, new), *_errors(old, new), *_events(old, new)]
    return tuple(sorted(dict.fromkeys(changes), key=lambda change: (change.breaks is None, str(change))))


def _facades(old: Json, new: Json) -> Iterator[Change]:
    for name in sorted(old["facades"].keys() | new["facades"].keys()):
        before, after = old["facades"].get(name), new["facades"].get(name)
        if before is None:
            yield Change(name, "facade added")
        elif after is None:
            yield Change(name, "facade removed", "callers")
        else:
            for operation in sorted(before.keys() | after.keys()):
                yield from _operation(operation, before.get(operation), after.get(operation), old, new)


def _operation(name: str, before: Json | None, after: Json | None, old: Json, new: Json) -> Iterator[Change]:
    if before is None:
        yield Change(name, "operation added")
    elif after is None:
        yield Change(name, "operation removed", "callers")
    else:
        yield from _effect(name, before, after)
        yield from _said(name, "parameter", TypeComparison(old, new, "in").fields(before["params"], after["params"]))
        if before["streams"] != after["streams"]:
            yield Change(name, "now a stream" if after["streams"] else "no stream any more", "readers")
        else:
            yield from _said(name, "result", TypeComparison(old, new, "out").types(before["result"], after["result"]))
        yield from _raises(name, before["raises"], after["raises"])


def _effect(name: str, before: Json, after: Json) -> Iterator[Change]:
    if before["effect"] != after["effect"]:
        breaks: Breaks = "callers" if after["effect"] == "write" else None
        yield Change(name, f"effect changed from {before['effect']} to {after['effect']}", breaks)
    elif before["idempotent"] != after["idempotent"]:
        yield Change(
            name,
            "may be repeated with a key now" if after["idempotent"] else "may not be repeated any more",
            None if after["idempotent"] else "callers",
        )


def _raises(name: str, before: list[str], after: list[str]) -> Iterator[Change]:
    for error in sorted(set(after) - set(before)):
        yield Change(name, f"error `{error}` added", "readers")
    for error in sorted(set(before) - set(after)):
        yield Change(name, f"error `{error}` not raised any more")


def _errors(old: Json, new: Json) -> Iterator[Change]:
    for name in sorted(old["errors"].keys() & new["errors"].keys()):
        compared = TypeComparison(old, new, "out").fields(old["errors"][name], new["errors"][name])
        yield from _said(name, "error", compared)


def _events(old: Json, new: Json) -> Iterator[Change]:
    before: Mapping[str, Json] = old["events"]
    after: Mapping[str, Json] = new["events"]
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Change(name, "event added")
        elif name not in after:
            yield Change(name, "event removed", "readers")
        else:
            yield from _said(name, "event", TypeComparison(old, new, "out").fields(before[name], after[name]))


def _said(where: str, part: str, steps: Iterator[Step]) -> Iterator[Change]:
    for step in steps:
        subject = (
            part if not step.path else f"{part} `{step.path}`" if part == "parameter" else f"{part} field `{step.path}`"
        )
        yield Change(where, f"{subject} {step.what}", _broken(step))


def _broken(step: Step) -> Breaks:
    if not step.breaks:
        return None
    return "callers" if step.direction == "in" else "readers"


__all__ = ["Change", "Direction", "verdict"]
