"""The two databases a test of storage runs on: those of the kit for authors."""

from dutybook.testing.databases import Backend, Fill, Postgres, Sqlite

__all__ = ["Backend", "Fill", "Postgres", "Sqlite"]
