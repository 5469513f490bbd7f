"""Clients (apps): registration, owners, scopes, and the end of an app."""
