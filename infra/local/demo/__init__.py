"""The demo of `make run`: its users and apps, a client, and the welcome text."""
