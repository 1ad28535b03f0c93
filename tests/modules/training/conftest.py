"""One home for all that only reads it."""

from __future__ import annotations

import pytest

from kernel.testing.databases import databases, postgres_url

from .homes import Home, simulated

__all__ = ["databases", "postgres_url"]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return simulated(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The same home without habits."""
    return simulated(tmp_path_factory.mktemp("null"), null=True)
