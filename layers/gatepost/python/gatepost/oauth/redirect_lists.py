"""The lists of redirect URIs that an app may register, and where they lead."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.model.records import App
from gatepost.oauth.redirect_uris import host_of, redirect_uri_fault

MOST_REDIRECT_URIS = 10


def redirect_hosts(app: App) -> list[str]:
    """Return the hosts to which the app sends people; by the seed's rule that of its url."""
    return sorted({host_of(uri) for uri in app.redirect_uris or filter(None, [app.url])})


def redirect_uris_fault(uris: Sequence[str], kind: str = "redirect URI") -> str | None:
    """Return why a list can't be registered, as a sentence; None if it can. `kind` is the word for its URIs."""
    if len(uris) > MOST_REDIRECT_URIS:
        return f"There must be at most {MOST_REDIRECT_URIS} {kind}s."
    if len(set(uris)) < len(uris):
        return f"A {kind} must not be there twice."
    faults = ((position, redirect_uri_fault(uri)) for position, uri in enumerate(uris, 1))
    return next((f"{kind[0].upper()}{kind[1:]} {position} {fault}." for position, fault in faults if fault), None)
