"""The settings as rows, drawn from the tree: for docs/settings.md, for `homewright settings`, for messages."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from kernel.runtime.settings.secret import MASK, Secret
from kernel.runtime.settings.tree import DEFAULT_DATA_DIR, Section, Settings

PREFIX = "HOMEWRIGHT_"


@dataclass(frozen=True)
class Setting:
    """One setting. `kind` is the type with its limits, as msgspec checks it."""

    name: str
    kind: Any
    default: Any
    effect: str

    @property
    def variable(self) -> str:
        return PREFIX + self.name.replace(".", "_").upper()

    @property
    def secret(self) -> bool:
        return Secret in _parts(self.kind)


@lru_cache(maxsize=1)
def settings_table() -> tuple[Setting, ...]:
    """Every setting, in the order of the tree."""
    return tuple(_rows(Settings, ""))


def shown(settings: Settings) -> Iterator[tuple[Setting, str, str]]:
    """Each setting with its present value as text (a secret masked) and its source."""
    for setting in settings_table():
        yield setting, in_words(value_of(settings, setting.name)), settings.source(setting.name)


def value_of(settings: Settings, name: str) -> Any:
    value: Any = settings
    for part in name.split("."):
        value = getattr(value, part)
    return value


def in_words(value: Any) -> str:
    """A value as a person would write it into the file."""
    if value is None or (isinstance(value, str | tuple | Mapping) and not value):
        return "(none)"
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in value.items())
    return MASK if isinstance(value, Secret) else str(value)


def kind_in_words(kind: Any) -> str:
    """`whole number, 0 to 65535`."""
    plain, limits = _unwrapped(kind)
    words = _word(plain)
    if limits.ge is not None and limits.le is not None:
        return f"{words}, {limits.ge} to {limits.le}"
    if limits.ge is not None:
        return f"{words}, at least {limits.ge}"
    if limits.gt is not None:
        most = f", at most {limits.le}" if limits.le is not None else ""
        return f"{words}, more than {limits.gt}{most}"
    return words


def as_markdown() -> str:
    """docs/settings.md, whole. A test compares it with the committed file."""
    rows = "\n".join(
        f"| `{row.name}` | `{row.variable}` | {kind_in_words(row.kind)} | {_default(row)} | {row.effect} |"
        for row in settings_table()
    )
    return f"{_HEAD}\n{rows}\n"


_HEAD = """# Settings

Written by `python -m kernel.runtime.settings > docs/settings.md`; a test compares this page with the code.

A value comes from, the last one wins: its default; one TOML file, `HOMEWRIGHT_CONFIG` or, where there is one,
`homewright.toml` in the data folder; the environment; a flag of the command line. `server.port` is `port` in the table
`[server]` of the file and `HOMEWRIGHT_SERVER_PORT` in the environment. All is checked at start; an unknown name is
refused. Variables that begin with `HOMEWRIGHT_TEST_` belong to the tests and are left alone.

| setting | variable | type | default | effect |
|---|---|---|---|---|"""


def _rows(section: type[Section], prefix: str) -> Iterator[Setting]:
    hints = get_type_hints(section, include_extras=True)
    for found in msgspec.structs.fields(section):
        hint = hints[found.name]
        if isinstance(hint, type) and issubclass(hint, Section):
            yield from _rows(hint, f"{prefix}{found.name}.")
        elif get_origin(hint) is Annotated:
            effect = next(mark.description for mark in get_args(hint) if getattr(mark, "description", None))
            yield Setting(f"{prefix}{found.name}", hint, _default_of(found), effect)


def _default_of(found: msgspec.structs.FieldInfo) -> Any:
    return found.default if found.default is not msgspec.NODEFAULT else found.default_factory()


def _default(row: Setting) -> str:
    if row.name == "data_dir":
        return f"`{DEFAULT_DATA_DIR}`"
    text = row.default.reveal() if isinstance(row.default, Secret) else in_words(row.default)
    return text if text == "(none)" else f"`{text}`"


def _unwrapped(kind: Any) -> tuple[Any, msgspec.Meta]:
    plain, *marks = get_args(kind)
    return plain, next(mark for mark in marks if isinstance(mark, msgspec.Meta))


def _parts(kind: Any) -> tuple[Any, ...]:
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    return (plain, *get_args(plain))


_WORDS: dict[Any, str] = {
    int: "whole number",
    float: "number",
    str: "text",
    bool: "true or false",
    Path: "folder",
    Secret: "secret text",
    Mapping: "names and addresses",
}


def _word(plain: Any) -> str:
    if get_origin(plain) is Literal:
        return ", ".join(get_args(plain))
    if get_origin(plain) is typing.get_origin(Mapping[str, str]):
        return _WORDS[Mapping]
    if get_origin(plain) is tuple:
        return "names"
    known = [_WORDS[part] for part in (plain, *get_args(plain)) if part in _WORDS]
    return known[0]
