"""The version, as the installed package says it."""

from __future__ import annotations

from importlib.metadata import version

VERSION = version("homewright")
