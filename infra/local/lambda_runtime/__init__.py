"""Lambda on this machine: warm processes with the deployed code."""
