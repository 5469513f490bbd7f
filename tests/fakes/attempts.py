"""The fake of what ports.AccountStore keeps of failed attempts."""

from __future__ import annotations

from gatepost.model.records import Attempts
from gatepost.stores.record_keys import AttemptsKey
from tests.fakes.records import MemoryRecords


class MemoryAttempts(MemoryRecords):
    """See ports.AccountStore."""

    def count_failure(self, name_hash: str, *, now: int, forget_at: int) -> int:
        with self._lock:
            key = AttemptsKey(name_hash)
            counter = self._records[key] = _one_more(self._counted(key, now), now, forget_at)
            return counter.failures

    def reserve_attempt(self, name_hash: str, *, before: Attempts | None, free: int, now: int, forget_at: int) -> bool:
        with self._lock:
            key = AttemptsKey(name_hash)
            standing = self._counted(key, now)
            if standing.failures >= free and standing != before:
                return False
            self._records[key] = _one_more(standing, now, forget_at)
            return True

    def trust_device(self, name_hash: str, *, now: int, expires_at: int) -> None:
        with self._lock:
            counter = Attempts(failures=0, last_failure_at=0, expires_at=expires_at, trusted_at=now)
            self._records[AttemptsKey(name_hash)] = counter

    def forget_failures(self, name_hash: str) -> None:
        with self._lock:
            self._records.pop(AttemptsKey(name_hash), None)

    def _counted(self, key: AttemptsKey, now: int) -> Attempts:
        """Return the current counter; a missing or expired one is at zero."""
        standing: Attempts = self._records.get(key) or Attempts(failures=0, last_failure_at=0, expires_at=0)
        return standing if standing.expires_at > now else standing._replace(failures=0)


def _one_more(counter: Attempts, now: int, forget_at: int) -> Attempts:
    return counter._replace(failures=counter.failures + 1, last_failure_at=now, expires_at=forget_at)
