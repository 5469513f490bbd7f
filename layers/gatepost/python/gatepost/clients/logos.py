"""Logos of apps: one that the owner uploads, or that of a metadata document, once somebody approved the app.

Pages show a copy that is drawn anew and kept beside the app; nothing is loaded from where it came from.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from gatepost.clients.owners import complete
from gatepost.clients.withdrawal import as_changed, write_change
from gatepost.cutoff import clock_from
from gatepost.errors import Conflict, TemporarilyUnavailable
from gatepost.model.feed import Revocation
from gatepost.model.fetching import Fetcher, FetchFailed, FetchRefused, Outbound
from gatepost.model.logo import Illustrator, Logo, UnusableImage
from gatepost.model.records import App, User
from gatepost.observability.log import note
from gatepost.settings import Settings
from gatepost.stores.ports.store import Store

_ACCEPTED = ("image/png", "image/jpeg")
_MOST_BYTES = 100_000  # no fetch takes more
_SECONDS = 3.0  # a person waits for the page


def set_logo(
    store: Store,
    settings: Settings,
    app: App,
    logo: Logo | None,
    *,
    owner: User,
    now: float,
    by_administrator: bool = False,
) -> App:
    """Give an app another logo, or none. That withdraws what a new name would, without asking once more.

    `now` is the time of this call. Raises Conflict("version") if `app` is out of date.
    """
    clock = clock_from(now)
    app = complete(store, app, owner)
    now = clock()
    changed = app._replace(
        logo=logo.digest if logo else "",
        version=app.version + 1,
        administered_at=int(now) if by_administrator else 0,
    )
    changed = as_changed(app, changed, settings, owner=owner, now=now)

    def write(revocation: Revocation | None) -> None:
        store.set_app_logo(changed, before=app, logo=logo, revocation=revocation)

    write_change(store, app, changed, settings, write=write, now=now)
    return changed


def with_logo_of_document(
    store: Store,
    fetcher: Callable[[], Fetcher],
    illustrator: Callable[[], Illustrator],
    app: App,
    logo_uri: str,
    *,
    ttl: int,
) -> App:
    """Return the app with the logo of its document, written; without one if it can't be had, which is not tried again.

    Whoever approved the app knows its host, which stays beside the logo: no approval ends by it.
    """
    logo = None
    try:
        fetched = fetcher().fetch(
            Outbound(method="GET", url=logo_uri, accept=_ACCEPTED, most_bytes=_MOST_BYTES, seconds=_SECONDS)
        )
        logo = illustrator().draw(base64.b64decode(fetched.body) if fetched.status == 200 else b"")
    except (FetchRefused, FetchFailed, TemporarilyUnavailable) as error:
        note("logo.not_taken", {"client_id": app.client_id, "reason": error.reason})
    except UnusableImage as error:
        note("logo.not_taken", {"client_id": app.client_id, "reason": error.fault})
    changed = app._replace(logo=logo.digest if logo else "", logo_uri=logo_uri, version=app.version + 1)
    try:
        store.set_app_logo(changed, before=app, logo=logo, ttl=ttl)
    except Conflict:
        return app  # whoever changed it took the logo
    return changed
