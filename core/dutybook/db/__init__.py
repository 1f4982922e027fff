"""Tables, the one filter, queries, migrations."""
