"""Access tokens, refresh tokens, their keys, and the list of revocations."""
