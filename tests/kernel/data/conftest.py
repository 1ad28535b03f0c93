"""Every test here runs on SQLite files and, where a server is named, on PostgreSQL."""

from kernel.testing.databases import databases, postgres_url

__all__ = ["databases", "postgres_url"]
