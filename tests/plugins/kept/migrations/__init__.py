"""How the tables of the plugin kept came about."""
