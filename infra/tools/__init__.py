"""Commands for operators and for checks of the repository."""
