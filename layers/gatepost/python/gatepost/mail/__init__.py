"""Mails: their texts, their limits, and Amazon SES."""
