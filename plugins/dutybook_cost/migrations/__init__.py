"""The schema of the plugin's tables."""
