"""What can be done: one verb a function, in the caller's transaction."""
