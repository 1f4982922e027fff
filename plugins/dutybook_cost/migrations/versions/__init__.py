"""Steps of the schema, never edited again."""
