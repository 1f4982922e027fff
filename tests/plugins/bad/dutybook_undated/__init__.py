"""A plugin that breaks a rule."""
