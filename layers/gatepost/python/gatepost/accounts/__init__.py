"""Accounts of people: registration, changes, connected apps, deactivation and deletion."""
