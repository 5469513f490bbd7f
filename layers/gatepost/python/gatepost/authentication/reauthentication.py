"""Signing in again for `prompt=login` (OpenID Connect Core §3.1.2.1): the request carries since when that is demanded.

The address belongs to whoever sits at the browser, who could as well leave `prompt` out. What is kept here is that
going back, or opening the address again, does not pass for a sign-in.
"""

from __future__ import annotations

from urllib.parse import unquote_plus

from gatepost.model.records import Session
from gatepost.oauth.parameters import Parameters
from gatepost.settings import Settings

_DEMANDED = "login_demanded_at"  # epoch milliseconds


def with_demand(raw_query: str, now: float) -> str:
    """The query with the time of the demand; everything else stays byte for byte."""
    kept = [part for part in raw_query.split("&") if unquote_plus(part.partition("=")[0]) != _DEMANDED]
    return "&".join([*kept, f"{_DEMANDED}={int(now * 1000)}"])


def is_fresh(session: Session, query: Parameters, settings: Settings, now: float) -> bool:
    """Whether the session began after the demand of the request, which stands as long as a consent page."""
    text = query.sole(_DEMANDED) or ""
    if not (text.isascii() and text.isdigit() and len(text) < 15):
        return False
    demanded_at = int(text) / 1000
    recent = now - settings.consent_lifetime < demanded_at <= now
    return recent and (session.signed_in_at or session.created_at) >= demanded_at
