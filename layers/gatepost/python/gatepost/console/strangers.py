"""Apps that came by themselves, as the consent page shows them to a user."""

from __future__ import annotations

from typing import NamedTuple

from gatepost.model.records import App
from gatepost.oauth.redirect_uris import host_of, redirect_notice


class Stranger(NamedTuple):
    """The known facts about an app that nobody here vouches for."""

    document_host: str  # "": it has no metadata document
    only_here: bool  # all its redirect URIs lead to the user's own computer, so any program there can be the app


def stranger(app: App) -> Stranger | None:
    """Return what to show about the app, None if it has an owner."""
    if not app.is_stranger:
        return None
    here = all(redirect_notice(uri) in ("loopback", "native") for uri in app.redirect_uris)
    return Stranger(document_host=host_of(app.document_url), only_here=here)
