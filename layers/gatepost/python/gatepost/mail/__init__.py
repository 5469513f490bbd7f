"""Mails: their texts, their rate limits, and Amazon SES."""
