"""Limits of registrations by apps themselves: of each network, and of all together, in an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepost.authentication.hourly import NETWORK, HourIsFull, count_for_networks
from gatepost.errors import OAuthError
from gatepost.settings import Settings

if TYPE_CHECKING:
    from gatepost.stores.ports.accounts import AccountStore


class TooManyRegistrations(OAuthError):
    """Too many apps were registered in this hour (RFC 6585 §4)."""

    code = "temporarily_unavailable"
    status = 429

    def __init__(self, retry_after: int, *, reason: str) -> None:
        """Take `retry_after` in seconds."""
        super().__init__("too many apps were registered, try again later", reason=reason)
        self.retry_after = retry_after


def count_registration(store: AccountStore, settings: Settings, *, source_ip: str, now: float) -> None:
    """Count a registration that is about to be written. Raises TooManyRegistrations."""
    most, total = settings.registrations_per_network, settings.registrations_per_hour
    try:
        count_for_networks(store, "registration", source_ip, most=most, total=total, now=now)
    except HourIsFull as full:
        whose = "a network" if full.counter == NETWORK else "all networks"
        raise TooManyRegistrations(full.retry_after, reason=f"registrations of {whose}") from None
