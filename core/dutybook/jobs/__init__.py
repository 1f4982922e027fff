"""Long work under a lease."""
