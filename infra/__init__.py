"""The deployment: the resources in the AWS account, and their emulation on this machine."""
