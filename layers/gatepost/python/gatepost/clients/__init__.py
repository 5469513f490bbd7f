"""Clients (apps): registration, owners, scopes, deactivation and deletion."""
