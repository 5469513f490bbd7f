"""What `make run` brings along: users, apps, a client, and what it prints."""
