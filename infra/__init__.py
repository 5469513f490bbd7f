"""The deployment: what exists in the AWS account, and the same on this machine."""
