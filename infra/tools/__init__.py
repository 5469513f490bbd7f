"""Commands: for operators, and for who checks the repository."""
