"""The demo company and synthetic companies."""
