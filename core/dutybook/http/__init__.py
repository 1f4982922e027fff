"""Routes, middleware, GraphQL over HTTP, health."""
