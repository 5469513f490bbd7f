"""The local AWS: ministack, the stacks deployed there, and IAM's checks of calls."""
