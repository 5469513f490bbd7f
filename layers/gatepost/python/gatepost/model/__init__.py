"""The records that the stores keep."""
