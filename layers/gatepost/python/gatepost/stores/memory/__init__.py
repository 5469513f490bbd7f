"""The fakes: every port over dictionaries and one lock. For tests of the logic."""

from __future__ import annotations

from gatepost.stores.memory.accounts import MemoryAccounts
from gatepost.stores.memory.apps import MemoryApps
from gatepost.stores.memory.grants import MemoryGrants
from gatepost.stores.memory.sessions import MemorySessions


class MemoryStore(MemoryApps, MemoryAccounts, MemorySessions, MemoryGrants):
    """All records of one process."""
