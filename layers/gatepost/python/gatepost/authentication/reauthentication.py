"""Reauthentication for `prompt=login` (OpenID Connect Core §3.1.2.1): the request carries the time of the demand.

The person at the browser controls the URL and could as well omit `prompt`. The time only keeps going back, or opening
the URL again, from counting as a sign-in.
"""

from __future__ import annotations

from urllib.parse import unquote_plus

from gatepost.authentication.sessions import signed_in_at
from gatepost.model.sessions import Session
from gatepost.oauth.parameters import Parameters
from gatepost.settings import Settings

_DEMANDED = "login_demanded_at"  # epoch milliseconds


def with_demand(raw_query: str, now: float) -> str:
    """Return the query with the time of the demand; everything else is unchanged byte for byte."""
    kept = [part for part in raw_query.split("&") if unquote_plus(part.partition("=")[0]) != _DEMANDED]
    return "&".join([*kept, f"{_DEMANDED}={int(now * 1000)}"])


def is_fresh(session: Session, query: Parameters, settings: Settings, now: float) -> bool:
    """Whether the session began after the request's demand, which is valid as long as a consent page."""
    text = query.sole(_DEMANDED) or ""
    if not (text.isascii() and text.isdigit() and len(text) < 15):
        return False
    demanded_at = int(text) / 1000
    recent = now - settings.consent_lifetime < demanded_at <= now
    return recent and signed_in_at(session) >= demanded_at
