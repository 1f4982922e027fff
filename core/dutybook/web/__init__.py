"""The HR workspace."""
