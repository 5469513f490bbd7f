"""Accounts of people: registering and changing them, their connected apps, their ends."""
