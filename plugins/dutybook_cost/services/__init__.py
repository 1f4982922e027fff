"""What can be done: record, plan, settle, tell."""
