"""Steps of its tables."""
