"""The fakes: every port on dictionaries with one lock, for tests of the logic."""

from __future__ import annotations

from tests.fakes.accounts import MemoryAccounts
from tests.fakes.apps import MemoryApps
from tests.fakes.counts import MemoryCounts
from tests.fakes.grants import MemoryGrants
from tests.fakes.problems import MemoryProblems
from tests.fakes.sessions import MemorySessions


class MemoryStore(MemoryApps, MemoryAccounts, MemorySessions, MemoryGrants, MemoryProblems, MemoryCounts):
    """All records of one process."""
