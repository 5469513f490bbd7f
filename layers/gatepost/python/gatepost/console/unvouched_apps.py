"""Apps that nobody vouches for, as pages show them: where they lead, and what they say of themselves as claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gatepost.clients.vouching import is_vouched_for
from gatepost.model.records import App
from gatepost.oauth.redirect_lists import redirect_hosts
from gatepost.oauth.redirect_uris import host_of, redirect_notice
from gatepost.settings import Settings


class Stranger(NamedTuple):
    """The known facts about an app that nobody here vouches for."""

    hosts: str  # where it sends people
    claims: Sequence[tuple[str, str]]  # what it says of itself: a text and a value
    only_here: bool  # all its redirect URIs lead to the user's own computer, so any program there can be the app


def stranger(app: App, settings: Settings) -> Stranger | None:
    """Return what to show about the app, None if somebody vouches for it."""
    if is_vouched_for(app, settings):
        return None
    website = host_of(app.document_url or app.url)
    return Stranger(
        hosts=", ".join(redirect_hosts(app)) or "No address",
        claims=(("Calls itself", app.name), *((("Claims to be from", website),) if website else ())),
        only_here=all(redirect_notice(uri) in ("loopback", "native") for uri in app.redirect_uris),
    )


def shown_name(app: App, settings: Settings) -> str:
    """Return the name of an app for a line of text; of a stranger where it leads, with its name as a claim."""
    unknown = stranger(app, settings)
    return app.name if unknown is None else f"{unknown.hosts} (not checked: “{app.name}”)"
