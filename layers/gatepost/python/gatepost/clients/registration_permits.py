"""Initial access tokens: who has one may let apps register themselves (RFC 7591 §3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatepost.identifiers import digest, new_secret
from gatepost.model.permits import Permit

if TYPE_CHECKING:
    from gatepost.stores.ports.apps import AppStore

_DAY = 86400
MOST_APPS, MOST_DAYS = 10_000, 365


def new_permit(store: AppStore, *, apps: int, days: int, now: float) -> str:
    """Return a token with which so many apps can register themselves in so many days; it is not stored.

    Raises ValueError beyond MOST_APPS and MOST_DAYS.
    """
    if not (1 <= apps <= MOST_APPS and 1 <= days <= MOST_DAYS):
        raise ValueError(f"a token is for 1 to {MOST_APPS} apps and 1 to {MOST_DAYS} days")
    token = new_secret()
    store.save_permit(
        Permit(
            permit_hash=digest(token), created_at=int(now), expires_at=int(now) + days * _DAY, uses=0, most_uses=apps
        )
    )
    return token
