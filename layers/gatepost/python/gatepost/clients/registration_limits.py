"""Limits of registrations by apps themselves: of each network, and of all together, in an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepost.authentication.hourly import HourIsFull, count_in_hour
from gatepost.authentication.throttling import network_of
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
    network = f"network#{network_of(source_ip)}"
    limits = {network: settings.registrations_per_network, "all": settings.registrations_per_hour}
    try:
        count_in_hour(store, "registration", limits, now=now)
    except HourIsFull as full:
        whose = "a network" if full.counter == network else "all networks"
        raise TooManyRegistrations(full.retry_after, reason=f"registrations of {whose}") from None
