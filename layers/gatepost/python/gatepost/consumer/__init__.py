"""The consumer API: the user's console as JSON. It only translates; the rules are in the rooms below."""
