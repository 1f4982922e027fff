"""The migrations of the toll stations."""
