"""Suggestions on a real, migrated database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from kernel.data import Database
from kernel.testing.databases import Databases, databases, postgres_url
from modules.automation.internal.service import SuggestionService
from modules.automation.internal.tables import metadata

from .homes import LearnedPatterns, habit

__all__ = ["database", "databases", "patterns", "postgres_url", "suggestions"]


@pytest.fixture
async def database(databases: Databases) -> AsyncIterator[Database]:
    async with databases.migrated("automation", metadata) as database:
        yield database


@pytest.fixture
def patterns() -> LearnedPatterns:
    return LearnedPatterns(habit("a"), habit("b", "22:00"))


@pytest.fixture
def suggestions(database: Database, patterns: LearnedPatterns) -> SuggestionService:
    return SuggestionService(database, patterns, lambda: datetime.now(UTC))
