"""The ways to prove who one is at a sign-in, a module each, and what tokens say of them (`amr`, RFC 8176)."""

AMR = {"password": "pwd"}
NAMES = {"password": "Password"}  # for people
