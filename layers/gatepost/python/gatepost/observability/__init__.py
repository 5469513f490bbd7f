"""Structured logging, with metrics in the log."""
