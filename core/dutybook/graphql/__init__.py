"""The GraphQL schema: types, loaders, mutations."""
