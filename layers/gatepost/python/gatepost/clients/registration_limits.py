"""Limits of what apps that register themselves do, in an hour: of each app, of each network, and of all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepost.authentication.hourly import HourIsFull, count_in_hour
from gatepost.authentication.throttling import network_of
from gatepost.errors import OAuthError
from gatepost.settings import Settings

if TYPE_CHECKING:
    from gatepost.model.records import App
    from gatepost.stores.ports.accounts import AccountStore


OF_APP = 20  # changes of one registration


class TooManyRegistrations(OAuthError):
    """Too many apps were registered, or registrations changed, in this hour (RFC 6585 §4)."""

    code = "temporarily_unavailable"
    status = 429

    def __init__(
        self, retry_after: int, *, reason: str, description: str = "too many apps were registered, try again later"
    ) -> None:
        """Take `retry_after` in seconds."""
        super().__init__(description, reason=reason)
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


def count_change(store: AccountStore, settings: Settings, app: App, *, source_ip: str, now: float) -> None:
    """Count a change of a registration that is about to be made. Raises TooManyRegistrations."""
    _count_changes(store, {f"app#{app.client_id}": OF_APP, **_of_network(settings, source_ip)}, now)


def count_deletion(store: AccountStore, settings: Settings, *, source_ip: str, now: float) -> None:
    """Count a deletion with the changes of its network: an app can be deleted however often it was changed."""
    _count_changes(store, _of_network(settings, source_ip), now)


def is_first_in_hour(store: AccountStore, app: App, change: str, *, now: float) -> bool:
    """Count a change in the words of its audit entry; return whether the app made none like it in this hour."""
    try:
        count_in_hour(store, "registration_told", {f"{app.client_id}#{change}": 1}, now=now)
    except HourIsFull:
        return False
    except OAuthError:  # not known: better told twice than never
        return True
    return True


def _of_network(settings: Settings, source_ip: str) -> dict[str, int]:
    return {f"network#{network_of(source_ip)}": settings.registrations_per_network}


def _count_changes(store: AccountStore, limits: dict[str, int], now: float) -> None:
    try:
        count_in_hour(store, "registration_change", limits, now=now)
    except HourIsFull as full:
        whose = full.counter.partition("#")[0]
        raise TooManyRegistrations(
            full.retry_after,
            reason=f"changes of registrations of one {whose}",
            description="too many registrations were changed, try again later",
        ) from None
