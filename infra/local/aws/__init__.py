"""The local AWS: ministack, the stack that is deployed there, and what IAM says of calls."""
