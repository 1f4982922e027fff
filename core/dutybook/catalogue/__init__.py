"""Documents in and out: readers, grammar, reconciliation."""
