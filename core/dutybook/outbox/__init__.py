"""Delivery of events after commit."""
