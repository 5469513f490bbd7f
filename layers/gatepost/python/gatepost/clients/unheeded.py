"""Notes for the owner of an app on requests that succeeded but had a scope dropped or a parameter ignored."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gatepost.clients.scopes import most_requested
from gatepost.errors import Unheeded, about
from gatepost.model.records import App
from gatepost.oauth.ignored_parameters import AUDIENCE
from gatepost.oauth.parameters import is_name
from gatepost.quoting import quoted
from gatepost.scope import Scope, named, why_not_granted
from gatepost.settings import Settings


def unheeded(
    app: App, dropped: Scope, ignored: Collection[str], settings: Settings, *, proven: bool
) -> tuple[Unheeded, ...]:
    """Return the scopes that were dropped, by cause, and the parameters that were ignored, by name alone."""
    return tuple(about(each, app.client_id, proven=proven) for each in _unheeded(app, dropped, ignored, settings))


def _unheeded(app: App, dropped: Scope, ignored: Collection[str], settings: Settings) -> Iterator[Unheeded]:
    for why in why_not_granted(dropped, app=most_requested(app, settings), known=settings.scope):
        yield Unheeded(why.description, reason=why.reason, detail=why.detail)
    if AUDIENCE in ignored:
        yield Unheeded("audience ignored")
    if others := [name for name in ignored if name != AUDIENCE and is_name(name)]:
        yield Unheeded("parameters ignored", detail=quoted(named(others)))
