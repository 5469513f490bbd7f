"""Limits of what apps that register themselves do, in an hour: of each app, of each network, and of all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepost.authentication.hourly import NETWORK, HourIsFull, count_for_networks, count_in_hour, count_in_networks
from gatepost.errors import OAuthError
from gatepost.settings import Settings

if TYPE_CHECKING:
    from gatepost.model.records import App
    from gatepost.stores.ports.accounts import AccountStore

OF_APP = 20  # changes of one registration
_CHANGE = "registration_change"


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
    most, total = settings.registrations_per_network, settings.registrations_per_hour
    try:
        count_for_networks(store, "registration", source_ip, most=most, total=total, now=now)
    except HourIsFull as full:
        whose = "a network" if full.counter == NETWORK else "all networks"
        raise TooManyRegistrations(full.retry_after, reason=f"registrations of {whose}") from None


def count_change(store: AccountStore, settings: Settings, app: App, *, source_ip: str, now: float) -> None:
    """Count a change of a registration that is about to be made. Raises TooManyRegistrations."""
    try:
        count_in_hour(store, _CHANGE, f"app#{app.client_id}", OF_APP, named="app", now=now)
    except HourIsFull as full:
        raise _too_many_changes(full) from None
    count_deletion(store, settings, source_ip=source_ip, now=now)


def count_deletion(store: AccountStore, settings: Settings, *, source_ip: str, now: float) -> None:
    """Count a deletion with the changes of its network: an app can be deleted however often it was changed."""
    try:
        count_in_networks(store, _CHANGE, source_ip, most=settings.registrations_per_network, now=now)
    except HourIsFull as full:
        raise _too_many_changes(full) from None


def is_first_in_hour(store: AccountStore, app: App, change: str, *, now: float) -> bool:
    """Count a change in the words of its audit entry; return whether the app made none like it in this hour."""
    try:
        count_in_hour(store, "registration_told", f"{app.client_id}#{change}", 1, named="change", now=now)
    except HourIsFull:
        return False
    except OAuthError:  # not known: better told twice than never
        return True
    return True


def _too_many_changes(full: HourIsFull) -> TooManyRegistrations:
    return TooManyRegistrations(
        full.retry_after,
        reason=f"changes of registrations of one {full.counter}",
        description="too many registrations were changed, try again later",
    )
