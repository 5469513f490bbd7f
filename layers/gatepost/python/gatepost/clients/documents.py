"""Apps that are known by the URL of a metadata document: fetched when it is time, checked, and kept as a record.

Only the authorization endpoint fetches, for a user who has signed in. Every other endpoint reads the record, which
outlives what was granted while it was fresh.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gatepost.authentication.hourly import HourIsFull, count_for_networks, count_in_hour
from gatepost.clients.metadata_document import (
    ACCEPTED,
    LARGEST,
    LONGEST_FRESH,
    BadDocument,
    Document,
    check_url,
    fresh_for,
    read_document,
)
from gatepost.clients.withdrawal import as_changed, first_status, write_change
from gatepost.cutoff import clock_from
from gatepost.errors import Conflict, InvalidRequest, TemporarilyUnavailable, TooManyAttempts
from gatepost.identifiers import app_id
from gatepost.model.feed import Revocation
from gatepost.model.fetching import Fetched, FetchFailed, FetchRefused, Outbound
from gatepost.model.records import DEACTIVATED, DOCUMENTS, PENDING, App, User
from gatepost.quoting import quoted
from gatepost.scope import Scope
from gatepost.settings import LONGEST_LIFETIME, Settings
from gatepost.stores.record_keys import AppKey

if TYPE_CHECKING:
    from gatepost.model.fetching import Fetcher
    from gatepost.model.logo import Illustrator
    from gatepost.oauth.server import Server
    from gatepost.stores.ports.accounts import AccountStore

_DAY = 86400
KEPT_PENDING = 30 * _DAY  # after the last request for an app that no administrator has approved
# Fetches in an hour: of one account, and of documents that are not known yet from one network and altogether. So the
# server is nobody's cannon, and whoever uses these up stops no app that is known.
OF_ACCOUNT, OF_NETWORK, OF_ALL = 30, 100, 1000


def check_accepted(url: str, settings: Settings) -> None:
    """Raise InvalidRequest, for a page, if documents are not accepted, or not this one by its URL."""
    if not settings.takes_documents:
        raise InvalidRequest("this server does not accept a URL as client_id", reason="no metadata documents here")
    try:
        check_url(url, settings)
    except BadDocument as bad:
        raise InvalidRequest(f"client_id can't be used: {bad.fault}", reason=bad.fault, detail=quoted(url)) from None


def needs_fetch(app: App | None, now: float) -> bool:
    """Whether the document has to be fetched before the app may ask a user for anything.

    One that an administrator stopped is not fetched. A date beyond the longest is that of a clock that was set back.
    """
    if app is None:
        return True
    return app.status != DEACTIVATED and not now < app.fresh_until <= now + LONGEST_FRESH


def fetched_app(
    server: Server,
    fetcher: Callable[[], Fetcher],
    url: str,
    known: App | None,
    *,
    user: User,
    source_ip: str,
    now: float,
    changed: Callable[[App, App], None],
    illustrator: Callable[[], Illustrator],
    approved: Callable[[App], bool],
) -> App:
    """Fetch the document, and return the app that it describes, with its record written.

    `known` is the record that is no longer fresh; `changed` is called with it and with what took its place. The logo is
    taken once, for a user who `approved` the app. Raises, for a page, InvalidRequest if the document can't be fetched
    or used, of which nothing is kept, TooManyAttempts above the limits, TemporarilyUnavailable if others write the
    record at the same time.
    """
    clock = clock_from(now)
    _count(server.store, known, user, source_ip, now)
    fetched = _fetched(fetcher(), url)
    try:
        document = read_document(fetched, url)
    except BadDocument as bad:
        raise _unusable(bad.fault, url) from None
    settings, fresh_until = server.settings, int(now) + fresh_for(fetched.cache_control)
    app = _described(document, known or _new(url, settings, now))._replace(
        scope=settings.scope, fresh_until=fresh_until
    )
    changed_at = clock()
    app = as_changed(known, app, settings, owner=None, now=changed_at) if known else app

    def write(revocation: Revocation | None) -> None:
        server.store.keep_document(app, before=known, ttl=_kept_until(app, settings, now), revocation=revocation)

    try:
        write_change(server.store, known or app, app, settings, write=write, now=changed_at)
    except Conflict:
        (standing,) = server.store.read_each([AppKey(app.client_id)])
        if standing is None or needs_fetch(standing, now):
            raise TemporarilyUnavailable("try again", reason="the record of a document keeps changing") from None
        return standing
    if known:
        changed(known, app)
    ttl = _kept_until(app, settings, now)
    if app.logo:
        server.store.keep_logo(app.client_id, ttl)
    elif document.logo_uri and not app.logo_uri and approved(app):
        from gatepost.clients.logos import with_logo_of_document  # once an app

        return with_logo_of_document(server.store, fetcher, illustrator, app, document.logo_uri, ttl=ttl)
    return app


def _count(store: AccountStore, known: App | None, user: User, source_ip: str, now: float) -> None:
    """Count a fetch, in windows of an hour. Raises TooManyAttempts."""
    try:
        count_in_hour(store, "document", f"user#{user.user_id}", OF_ACCOUNT, named="user", now=now)
        if known is None:
            count_for_networks(store, "document", source_ip, most=OF_NETWORK, total=OF_ALL, now=now)
    except HourIsFull as full:
        raise TooManyAttempts(full.retry_after, fetches=full.counter) from None


def _fetched(fetcher: Fetcher, url: str) -> Fetched:
    try:
        return fetcher.fetch(Outbound(method="GET", url=url, accept=(ACCEPTED,), most_bytes=LARGEST))
    except FetchRefused as refused:
        raise _unusable(refused.reason, url) from None
    except FetchFailed as failed:
        raise InvalidRequest(
            "the metadata document of the app could not be fetched; try again later",
            reason=failed.reason,
            detail=quoted(url),
        ) from None


def _unusable(fault: str, url: str) -> InvalidRequest:
    return InvalidRequest(f"the metadata document of the app can't be used: {fault}", reason=fault, detail=quoted(url))


def _new(url: str, settings: Settings, now: float) -> App:
    """Return the app of a document that is not known.

    What was granted before it was deleted stays void, unless in the very second in which it comes back.
    """
    return App(
        client_id=app_id(url),
        owner=DOCUMENTS,
        name="",
        url="",
        grant_types=(),
        confidential=False,
        scope=Scope(),
        status=first_status(DOCUMENTS, settings),
        created_at=int(now),
        grants_valid_from=int(now) - 1,
        document_url=url,
        version=0,
    )


def _described(document: Document, before: App) -> App:
    """Return the app as the document describes it, of the next version if that differs."""
    app = before._replace(name=document.name, redirect_uris=document.redirect_uris, grant_types=document.grant_types)
    if app.logo_uri not in ("", document.logo_uri):
        app = app._replace(logo="", logo_uri="")  # it is taken anew, for whoever approves
    return app if app == before else app._replace(version=app.version + 1)


def _kept_until(app: App, settings: Settings, now: float) -> int:
    """Return when the record may go: once all that was granted while it was fresh has ended."""
    if app.status == PENDING:
        return int(now) + KEPT_PENDING
    granted_by = app.fresh_until + settings.consent_lifetime + settings.code_lifetime
    return granted_by + settings.refresh_token_lifetime + LONGEST_LIFETIME
