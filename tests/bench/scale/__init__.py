"""Limits of the request rate: keys, feed, functions, secrets; computed from the real layout."""
