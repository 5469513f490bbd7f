"""Protection of APIs by access tokens: authorizers and the guard inside a function."""
