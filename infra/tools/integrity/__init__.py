"""A read-only auditor of the tables that reports broken invariants."""
