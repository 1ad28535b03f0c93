"""Two types of two contracts side by side, in one direction.

`in`: old callers write it, the new service reads it: it may allow more, not less.
`out`: the new service writes it, old readers read it: it may give less, not more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Direction = Literal["in", "out"]

_LOWER = ("ge", "gt", "min_length")
_UPPER = ("le", "lt", "max_length")
_OTHER = ("pattern", "multiple_of")


@dataclass(frozen=True)
class Step:
    """One difference at a place inside a type."""

    path: str
    what: str
    breaks: bool
    direction: Direction


class TypeComparison:
    """Walks two contracts' types together; a struct that holds itself is looked at once."""

    def __init__(self, old: Json, new: Json, direction: Direction) -> None:
        self._old = old["types"]
        self._new = new["types"]
        self._direction: Direction = direction
        self._met: set[tuple[str, str]] = set()

    def fields(self, old: Json, new: Json, path: str = "") -> Iterator[Step]:
        """Two lists of fields: of a struct, of an operation's parameters, of an error."""
        for name in sorted(old.keys() | new.keys()):
            place = f"{path}.{name}" if path else name
            if name not in new:
                yield self._step(place, "removed", True)
            elif name not in old:
                needed = new[name]["required"]
                yield self._step(place, "added, required" if needed else "added", needed and self._direction == "in")
            else:
                yield from self._needed(old[name], new[name], place)
                yield from self.types(old[name]["type"], new[name]["type"], place)

    def types(self, old: Any, new: Any, path: str = "") -> Iterator[Step]:
        """Two types: each old kind of value must still be allowed (in), each new one must have been (out)."""
        before, after = _parts(old, self._old), _parts(new, self._new)
        if len(before) == len(after) == 1 and before.keys() != after.keys():
            ((was, one),), ((now, other),) = before.items(), after.items()
            yield from self._retyped(was, one, now, other, path)
            return
        for key in sorted(after.keys() - before.keys()):
            yield self._step(path, f"may be {key} now", self._direction == "out")
        for key in sorted(before.keys() - after.keys()):
            yield self._step(path, f"may not be {key} any more", self._direction == "in")
        for key in sorted(before.keys() & after.keys()):
            yield from self._alike(before[key], after[key], path)

    def _needed(self, old: Json, new: Json, path: str) -> Iterator[Step]:
        if old["required"] != new["required"]:
            now = "required" if new["required"] else "optional"
            yield self._step(path, f"now {now}", new["required"] and self._direction == "in")
        elif old.get("default") != new.get("default"):
            yield self._step(path, f"has the default {new.get('default')!r}, was {old.get('default')!r}", False)

    def _retyped(self, was: str, old: Json, now: str, new: Json, path: str) -> Iterator[Step]:
        wider = (was, now) in (("int", "float"), ("literal", "str"))
        narrower = (now, was) in (("int", "float"), ("literal", "str"))
        harmless = wider if self._direction == "in" else narrower
        yield self._step(path, f"retyped from {was} to {now}", not harmless)

    def _alike(self, old: Json, new: Json, path: str) -> Iterator[Step]:
        """Two types of the same kind."""
        kind = old["is"]
        if kind == "struct":
            yield from self._structs(old["name"], new["name"], path)
        elif kind == "literal":
            yield from self._literals(old["values"], new["values"], path)
        elif kind == "tuple":
            yield from self._limits(old, new, path)
            yield from self.types(old["item"], new["item"], f"{path}[]")
        elif kind == "fixed_tuple":
            for index, (one, other) in enumerate(zip(old["items"], new["items"], strict=True)):
                yield from self.types(one, other, f"{path}[{index}]")
        else:
            yield from self._limits(old, new, path)

    def _structs(self, old: str, new: str, path: str) -> Iterator[Step]:
        if (old, new) in self._met:
            return
        self._met.add((old, new))
        yield from self.fields(self._old[old]["fields"], self._new[new]["fields"], path)

    def _literals(self, old: list[Any], new: list[Any], path: str) -> Iterator[Step]:
        for value in [value for value in new if value not in old]:
            yield self._step(path, f"may be {value!r} now", self._direction == "out")
        for value in [value for value in old if value not in new]:
            yield self._step(path, f"may not be {value!r} any more", self._direction == "in")

    def _limits(self, old: Json, new: Json, path: str) -> Iterator[Step]:
        for name in (*_LOWER, *_UPPER, *_OTHER):
            was, now = old.get(name), new.get(name)
            if was == now:
                continue
            if now is None:
                yield self._step(path, f"has no limit {name} {was} any more", self._direction == "out")
            elif was is None:
                yield self._step(path, f"has the limit {name} {now}", self._direction == "in")
            else:
                yield self._step(path, f"has the limit {name} {now}, was {was}", self._moved(name, was, now))

    def _moved(self, name: str, was: Any, now: Any) -> bool:
        if name in _OTHER:
            return True
        tighter = now > was if name in _LOWER else now < was
        return tighter if self._direction == "in" else not tighter

    def _step(self, path: str, what: str, breaks: bool) -> Step:
        return Step(path, what, bool(breaks), self._direction)


def _parts(written: Any, types: Json) -> dict[str, Json]:
    """A type as the kinds of value that it allows, each under the name by which the wire tells it."""
    if isinstance(written, str):
        return {written: {"is": written}}
    if written["is"] == "one_of":
        return {key: part for one in written["types"] for key, part in _parts(one, types).items()}
    if written["is"] == "struct":
        tag = types[written["name"]].get("tag")
        return {"a struct" if tag is None else f"a struct tagged {tag!r}": written}
    if written["is"] == "fixed_tuple":
        return {f"a tuple of {len(written['items'])}": written}
    return {written["is"]: written}
