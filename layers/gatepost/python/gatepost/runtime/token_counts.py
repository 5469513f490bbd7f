"""The tokens of apps as a function counts them, once it has issued them."""

from __future__ import annotations

from functools import cache

from gatepost.clients.token_counts import TokenCounts
from gatepost.errors import OAuthError
from gatepost.observability.log import note
from gatepost.runtime.wiring import store


@cache
def counts() -> TokenCounts:
    """Return the counts of this container that are not all written yet."""
    return TokenCounts()


def count_token(client_id: str, now: float) -> None:
    """Count a token that was issued; log a failure to do so."""
    try:
        counts().add(store(), client_id, now=now)
    except OAuthError as error:
        note("token.not_counted", {"client_id": client_id, "reason": error.reason}, failed=True)
