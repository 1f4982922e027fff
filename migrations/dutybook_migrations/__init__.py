"""Versions of the core's tables."""
