"""The kit for plugin authors' tests."""
