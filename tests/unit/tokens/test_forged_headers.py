"""Keys that a token brings along (S80), malformed tokens (S83), and what may be raised at all (S117)."""
