"""The log and the metrics in it."""
