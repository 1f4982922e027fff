"""Delivery of events after commit, and the jobs of plugins."""
