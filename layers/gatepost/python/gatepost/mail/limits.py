"""Rate limits of mails that visitors can trigger, per address and per requesting network."""

from __future__ import annotations

from typing import Literal

from gatepost.authentication.throttling import network_of
from gatepost.identifiers import digest
from gatepost.settings import Settings
from gatepost.stores.ports.accounts import AccountStore

MailKind = Literal["registration", "recovery", "change", "notice"]
_HOUR = 3600


def may_mail(
    store: AccountStore, settings: Settings, kind: MailKind, address: str, *, source_ip: str, now: float
) -> bool:
    """Count a mail that is about to be sent; return whether it may be sent.

    Kinds are counted separately, so that registering with someone's address does not use up their recovery mails. A
    counter restarts after an hour without a mail.
    """
    counters = (
        (f"network#{network_of(source_ip)}", settings.mails_per_network),
        (f"address#{address.casefold()}", settings.mails_per_address),
    )
    return all(_counted(store, kind, counter, most, now) for counter, most in counters)


def may_notify(store: AccountStore, settings: Settings, address: str, *, now: float) -> bool:
    """Count a notice to the owner of an account, for the address alone.

    Otherwise whoever changes a password could first use up the mails of a network.
    """
    return _counted(store, "notice", f"address#{address.casefold()}", settings.mails_per_address, now)


def _counted(store: AccountStore, kind: MailKind, counter: str, most: int, now: float) -> bool:
    name_hash = digest(f"mail#{kind}#{counter}")
    return store.reserve_attempt(name_hash, before=None, free=most, now=int(now), forget_at=int(now) + _HOUR)
