"""How many mails strangers can have sent: counted for each address, and for the network that asks."""

from __future__ import annotations

from typing import Literal

from gatepost.stores.ports.accounts import AccountStore

from gatepost.authentication.throttling import network_of
from gatepost.identifiers import digest
from gatepost.settings import Settings

MailKind = Literal["registration", "recovery", "change"]
_HOUR = 3600


def may_mail(
    store: AccountStore, settings: Settings, kind: MailKind, address: str, *, source_ip: str, now: float
) -> bool:
    """Count a mail that is about to be sent; returns whether it may be.

    Kinds are counted apart, so nobody uses up an owner's recovery by registering with their address. A counter starts
    anew after an hour without a mail.
    """
    counters = (
        (f"network#{network_of(source_ip)}", settings.mails_per_network),
        (f"address#{address.casefold()}", settings.mails_per_address),
    )
    return all(
        store.reserve_attempt(
            digest(f"mail#{kind}#{counter}"), before=None, free=most, now=int(now), forget_at=int(now) + _HOUR
        )
        for counter, most in counters
    )
