"""Rate limits of mails that visitors can trigger, per address and per requesting network."""

from __future__ import annotations

from typing import Literal

from gatepost.authentication.throttling import network_of
from gatepost.identifiers import digest
from gatepost.settings import Settings
from gatepost.stores.ports.accounts import AccountStore

MailKind = Literal["registration", "recovery", "change"]
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
    return all(
        store.reserve_attempt(
            digest(f"mail#{kind}#{counter}"), before=None, free=most, now=int(now), forget_at=int(now) + _HOUR
        )
        for counter, most in counters
    )
