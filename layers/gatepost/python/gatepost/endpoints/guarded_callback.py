"""Callbacks of apps that nobody vouches for: a visitor gets there by a press alone (RFC 9700 §4.11.2)."""

from __future__ import annotations

from gatepost.clients.vouching import is_vouched_for
from gatepost.errors import InteractionRequired, about
from gatepost.model.records import App, Approval
from gatepost.oauth.redirect_uris import Callback, answering
from gatepost.settings import Settings


def silent_refusal() -> InteractionRequired:
    """Return the one response to silent requests of an app that the user has not allowed, whoever is signed in."""
    return InteractionRequired("the app has to ask the user openly first", reason="silent, without an approval")


def guarded(
    callback: Callback, app: App, approval: Approval | None, settings: Settings, *, silent: bool, proven: bool
) -> Callback:
    """Return the callback; one of an app that nobody vouches for is used by a press of the visitor.

    A silent request of such an app is answered where the user has allowed the app. Raises AnswerError elsewhere, before
    anything else of the request or the session is looked at.
    """
    if is_vouched_for(app, settings):
        return callback
    if not silent:
        return callback._replace(by_press=True)
    if approval is None:
        with answering(callback._replace(by_press=True)):
            raise about(silent_refusal(), app.client_id, proven=proven)
    return callback
