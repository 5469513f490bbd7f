"""Failures of the servers that apps are told of logouts at: a circuit breaker for each, and a count for their owner.

Only failures are written, and the first success after them; a server that works costs reads alone. Both are counters of
the same form as those of guesses, in partitions of their own. A server is its host for one owner, so that nobody closes
it to the apps of others by URLs of his own that fail there; apps that nobody vouches for count as one owner's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from gatepost.errors import TemporarilyUnavailable
from gatepost.identifiers import digest
from gatepost.model.records import App, Attempts
from gatepost.stores.record_keys import AttemptsKey

if TYPE_CHECKING:
    from gatepost.stores.ports.store import Store

KIND = "told#"  # how the keys of these counters begin
_KEPT = 3600  # seconds without a failure after which a counter restarts
_FIRST_PAUSE, _LONGEST_PAUSE = 15, 120  # seconds; the first is longer than a request takes
_MOST_OF_OWNER = 3  # failures of an owner's apps from which on their notices are not among the first ones


class Failures(NamedTuple):
    """Failures of an app's server and of its owner's apps, None where there are none."""

    server_key: AttemptsKey
    owner_key: AttemptsKey
    of_server: Attempts | None
    of_owner: Attempts | None

    @property
    def is_slow(self) -> bool:
        """Whether the owner's apps failed often enough to be told apart from others."""
        return self.of_owner is not None and self.of_owner.failures >= _MOST_OF_OWNER

    def admit(self, store: Store, now: float) -> None:
        """Let one request to a server that failed pass after each pause, which doubles, and no other besides it.

        The attempt is counted as a failure before it is made. Raises TemporarilyUnavailable.
        """
        failed = self.of_server
        if failed is None:
            return
        pause = min(_FIRST_PAUSE << min(failed.failures - 1, 30), _LONGEST_PAUSE)
        waits = now < failed.last_failure_at + pause
        if waits or not store.reserve_attempt(
            self.server_key.name_hash, before=failed, free=1, now=int(now), forget_at=int(now) + _KEPT
        ):
            raise TemporarilyUnavailable("not told", reason="the app's server failed before")

    def count_one(self, store: Store, now: float) -> None:
        """Count a failure; that of a server which failed before is counted already."""
        keys = [self.owner_key] if self.of_server else [self.owner_key, self.server_key]
        for key in keys:
            store.count_failure(key.name_hash, now=int(now), forget_at=int(now) + _KEPT)

    def forget(self, store: Store) -> None:
        """Close the breaker of a server that responds again. The owner's count ends by time."""
        if self.of_server is not None:
            store.forget_failures(self.server_key.name_hash)


def failures_of(store: Store, app: App, now: float) -> Failures:
    """Return what is known of an app: one read."""
    host = urlsplit(app.backchannel_logout_uri).hostname
    owner = "strangers" if app.is_stranger else app.owner
    server_key, owner_key = AttemptsKey(KIND + digest(f"{owner} {host}")), AttemptsKey(KIND + digest(owner))
    of_server, of_owner = store.read(server_key, owner_key)
    return Failures(server_key, owner_key, _living(of_server, now), _living(of_owner, now))


def _living(attempts: Attempts | None, now: float) -> Attempts | None:
    return attempts if attempts is not None and attempts.expires_at > now else None
