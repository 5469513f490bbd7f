"""Authentication of people: sign-in, passwords, sessions, and throttling of guesses."""
