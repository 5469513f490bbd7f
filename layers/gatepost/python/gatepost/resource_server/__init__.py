"""Protection of APIs by access tokens: Lambda authorizers, and decorators inside a function."""
