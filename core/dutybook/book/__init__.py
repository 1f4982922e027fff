"""The book itself, without SQL: kinds, changes, timelines, conflicts, canonical form."""
