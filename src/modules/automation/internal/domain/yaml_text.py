"""Plain data as YAML that every reader understands alike, whether it follows YAML 1.1, as Home Assistant, or 1.2.

A text stays bare only if it looks like a word or a name in every version of YAML; all others are quoted, so that `on`,
`12:30:00`, `007`, `=`, `1_000` and `~` come back as the texts that they are. Keys keep their order; nothing is folded.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

_BARE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*([ ./-][A-Za-z0-9_]+)*")
_MEANS_SOMETHING: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
_ENDLESS: Final = 2**31


class _Dumper(yaml.SafeDumper):
    """PyYAML's safe dumper with our rule for quotes, lists indented below their key, and no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def text(self, text: str) -> yaml.ScalarNode:
        bare = _BARE.fullmatch(text) is not None and text.lower() not in _MEANS_SOMETHING
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if bare else '"')


_Dumper.add_representer(str, _Dumper.text)


def to_yaml(data: Any) -> str:
    """`data` (dicts, lists, texts, numbers, bools, None) as block YAML."""
    return str(
        yaml.dump(
            data,
            Dumper=_Dumper,
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=False,
            width=_ENDLESS,
            indent=2,
        )
    )


def comment(lines: tuple[str, ...]) -> str:
    """Lines for people above an automation. Line breaks inside a line, of any kind, cannot end the comment."""
    return "".join(f"# {_printable(line)}\n" for line in lines)


def _printable(line: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(line.split()))
