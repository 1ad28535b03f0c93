"""Reads the settings: the file, the environment, the flags. All problems are told at once."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from kernel.errors import Refused
from kernel.runtime.settings.check import problems_of
from kernel.runtime.settings.secret import Secret
from kernel.runtime.settings.table import PREFIX, Setting, settings_table
from kernel.runtime.settings.tree import Section, Settings

CONFIG_VARIABLE = "HOMEWRIGHT_CONFIG"
FILE_NAME = "homewright.toml"
_TESTS = "HOMEWRIGHT_TEST_"


class BadSettings(Refused):
    """What was set cannot be used; the house does not start."""

    problems: tuple[str, ...]

    def __str__(self) -> str:
        return "the settings cannot be used: " + "; ".join(self.problems)


def load(env: Mapping[str, str], toml_path: Path | None = None, flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings of this process. `flags` are values from the command line by setting name; None is left out.

    Raises BadSettings with every problem found.
    """
    problems: list[str] = []
    path, named = _file(env, toml_path)
    found = dict(_from_file(path, named, problems))
    found |= dict(_from_environment(env, problems))
    found |= dict(_from_flags(flags or {}, problems))
    settings: Settings = _built({name: value for name, (value, _) in found.items()})
    settings = msgspec.structs.replace(settings, sources=MappingProxyType({n: s for n, (_, s) in found.items()}))
    problems.extend(f"{settings.source(name)}: {problem}" for name, problem in problems_of(settings))
    if problems:
        raise BadSettings(problems=tuple(problems))
    return settings


Found = Iterator[tuple[str, tuple[Any, str]]]


def _file(env: Mapping[str, str], toml_path: Path | None) -> tuple[Path, bool]:
    """The file to read, and whether a person named it (then it must exist)."""
    if toml_path is not None:
        return toml_path, True
    if env.get(CONFIG_VARIABLE):
        return Path(env[CONFIG_VARIABLE]).expanduser(), True
    by_name = {setting.name: setting for setting in settings_table()}
    folder = env.get(by_name["data_dir"].variable) or str(by_name["data_dir"].default)
    return Path(folder).expanduser() / FILE_NAME, False


def _from_file(path: Path, named: bool, problems: list[str]) -> Found:
    if not named and not path.exists():
        return
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as broken:
        problems.append(f"{path} cannot be read: {broken}")
        return
    if not named and "data_dir" in document:
        problems.append(f"{path}: data_dir cannot be moved by a file inside it: set HOMEWRIGHT_DATA_DIR instead")
    known = {setting.name: setting for setting in settings_table()}
    for name, value in _leaves(document, known, ""):
        if name not in known:
            problems.append(f"{path}: there is no setting {name!r}; the nearest is {_nearest(name, known)!r}")
        else:
            yield from _read(known[name], value, str(path), True, problems)


def _leaves(table: Mapping[str, Any], known: Mapping[str, Setting], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        name = prefix + key
        if isinstance(value, Mapping) and name not in known:
            yield from _leaves(value, known, f"{name}.")
        else:
            yield name, value


def _from_environment(env: Mapping[str, str], problems: list[str]) -> Found:
    known = {setting.variable: setting for setting in settings_table()}
    for variable, text in sorted(env.items()):
        if not variable.startswith(PREFIX) or variable.startswith(_TESTS) or variable == CONFIG_VARIABLE:
            continue
        if variable not in known:
            nearest = _nearest(variable, [*known, CONFIG_VARIABLE])
            problems.append(f"there is no variable {variable}; the nearest is {nearest}")
        else:
            yield from _read(known[variable], text, variable, False, problems)


def _from_flags(flags: Mapping[str, Any], problems: list[str]) -> Found:
    known = {setting.name: setting for setting in settings_table()}
    for name, value in flags.items():
        if value is not None:
            yield from _read(known[name], value, "the command line", False, problems)


def _read(setting: Setting, raw: Any, source: str, strict: bool, problems: list[str]) -> Found:
    """One value as its type, or a problem. Texts of the environment are read leniently ("8010" is a number)."""
    try:
        plain = get_args(setting.kind)[0]
        if isinstance(raw, str) and get_origin(plain) is get_origin(Mapping[str, str]):
            raw = dict(_pairs(raw))
        elif isinstance(raw, str) and get_origin(plain) is tuple:
            raw = _words(raw)
        value = msgspec.convert(raw, setting.kind, strict=strict, dec_hook=_opaque)
    except (msgspec.ValidationError, ValueError) as wrong:
        problems.append(f"{source}: {setting.name}: {wrong}")
        return
    yield setting.name, (MappingProxyType(value) if isinstance(value, dict) else value, source)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for part in _words(text):
        module, equals, address = part.partition("=")
        if not equals:
            raise ValueError(f"expected `module=address`, not {part!r}")
        yield module.strip(), address.strip()


def _words(text: str) -> list[str]:
    return [word for word in (part.strip() for part in text.split(",")) if word]


def _opaque(kind: type, raw: Any) -> Any:
    makers: dict[type, Callable[[str], Any]] = {Secret: Secret, Path: lambda text: Path(text).expanduser().absolute()}
    if not isinstance(raw, str | Path):
        raise ValueError("expected text")
    return makers[kind](str(raw))


def _built(values: Mapping[str, Any], kind: type[Section] = Settings, prefix: str = "") -> Any:
    hints = get_type_hints(kind)
    arguments: dict[str, Any] = {}
    for name in kind.__struct_fields__:
        hint = hints[name]
        if isinstance(hint, type) and issubclass(hint, Section):
            arguments[name] = _built(values, hint, f"{prefix}{name}.")
        elif f"{prefix}{name}" in values:
            arguments[name] = values[f"{prefix}{name}"]
    return kind(**arguments)


def _nearest(name: str, known: Iterable[str]) -> str:
    """The closest real name; a person who mistypes is told what there is. The last part counts most."""
    short = {one.rsplit(".", 1)[-1]: one for one in known}
    if name.rsplit(".", 1)[-1] in short:
        return short[name.rsplit(".", 1)[-1]]
    return difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)[0]
