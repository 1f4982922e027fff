"""A small plugin that is all there: a kind, a table of its own, migrations, settings, commands, hooks."""
