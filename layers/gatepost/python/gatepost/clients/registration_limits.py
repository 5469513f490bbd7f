"""Limits of registrations by apps themselves: of each network, and of all together, in an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepost.authentication.throttling import network_of
from gatepost.errors import OAuthError
from gatepost.identifiers import digest
from gatepost.settings import Settings
from gatepost.stores.record_keys import AttemptsKey

if TYPE_CHECKING:
    from gatepost.stores.ports.store import Store

_HOUR = 3600


class TooManyRegistrations(OAuthError):
    """Too many apps were registered in this hour (RFC 6585 §4)."""

    code = "temporarily_unavailable"
    status = 429

    def __init__(self, retry_after: int, *, reason: str) -> None:
        """Take `retry_after` in seconds."""
        super().__init__("too many apps were registered, try again later", reason=reason)
        self.retry_after = retry_after


def count_registration(store: Store, settings: Settings, *, source_ip: str, now: float) -> None:
    """Count a registration that is about to be written. Raises TooManyRegistrations.

    Each hour has counters of its own, so that a network with steady traffic, as that of a hosted client, never waits. A
    network that is at its limit uses up nothing of the others'.
    """
    hour = int(now) // _HOUR
    ends = (hour + 1) * _HOUR
    limits = (
        (f"network#{network_of(source_ip)}", settings.registrations_per_network, "registrations of a network"),
        ("all", settings.registrations_per_hour, "registrations of all networks"),
    )
    keys = [AttemptsKey(digest(f"registration#{hour}#{counter}")) for counter, _, _ in limits]
    for key, counted, (_, most, reason) in zip(keys, store.read(*keys), limits, strict=True):
        full = counted is not None and counted.failures >= most
        if full or not store.reserve_attempt(key.name_hash, before=counted, free=most, now=int(now), forget_at=ends):
            raise TooManyRegistrations(ends - int(now), reason=reason)
