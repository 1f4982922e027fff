"""What the plugin adds to the schema: a file for each noun, a resolver calls one service or one loader."""
