"""Who may: identity, roles, scopes, tokens."""
