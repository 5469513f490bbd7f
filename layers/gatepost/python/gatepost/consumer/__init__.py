"""The consumer API: what a user's console does, as JSON. Translation only; the rules are those of the layer."""
