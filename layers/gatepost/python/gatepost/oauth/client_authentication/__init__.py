"""Client authentication (RFC 6749 §2.3), one file for each way; `of_request` chooses by what the request has."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from gatepost.errors import InvalidClient, OAuthError, UnauthorizedClient, about, guess
from gatepost.identifiers import NOBODY, app_id, digest
from gatepost.model.records import App
from gatepost.oauth.client_authentication import none, secret_basic, secret_post

if TYPE_CHECKING:
    from gatepost.oauth.server import Server


class _Way(Protocol):
    """A module of this folder."""

    NAME: str
    HAS_SECRET: bool

    def is_used(self, authorization: str | None, parameters: Mapping[str, str]) -> bool: ...

    def presented(self, authorization: str, parameters: Mapping[str, str]) -> tuple[str | None, str | None]: ...


_WAYS: Sequence[_Way] = (secret_basic, secret_post, none)
METHODS = tuple(each.NAME for each in _WAYS)

NOT_KNOWN = "client_id is unknown, or the credentials of the app are wrong"


class Credentials(NamedTuple):
    """The client credentials of a request and its source address.

    `client_secret` is None if it sent none, "" if it sent an empty one.
    """

    client_id: str
    client_secret: str | None
    basic: bool  # sent in the Authorization header
    source_ip: str = ""


class Requester(NamedTuple):
    """The app that sent a request, with the id of the secret that proved it, "" for a public app."""

    app: App
    secret_id: str = ""


def methods_of(*, confidential: bool) -> Sequence[str]:
    """Return the names of the ways for apps with a secret, or for those without one."""
    return [each.NAME for each in _WAYS if each.HAS_SECRET is confidential]


def of_request(authorization: str | None, parameters: Mapping[str, str], *, source_ip: str = "") -> Credentials:
    """Return the credentials in the Authorization header or the body of a request, never those in its query.

    Raises InvalidRequest if the request uses two ways or names two apps, InvalidClient if it names none or the header
    is malformed.
    """
    way = next(each for each in _WAYS if each.is_used(authorization, parameters))
    client_id, client_secret = way.presented(authorization or "", parameters)
    if client_id is None:
        raise InvalidClient("client_id is missing")
    return Credentials(client_id, client_secret, basic=way is secret_basic, source_ip=source_ip)


def authenticated(app: App | None, credentials: Credentials, now: float) -> Requester:
    """Return the sender of a request if the credentials are valid (RFC 6749 §2.3.1, §3.2.1).

    Raises InvalidClient, with the same description for an unknown app, a wrong secret and an inactive app.
    """
    if app is None or credentials.client_id != app.identifier or app.is_expired(now):
        expired = app is not None and app.is_expired(now)
        raise _invalid(credentials, "app expired unused" if expired else "unknown app")
    if not app.works:
        raise _invalid(credentials, why_stopped(app), app)
    if not app.confidential:
        if credentials.client_secret is not None or credentials.basic:
            raise _invalid(credentials, "a public app has no secret", app)
        return Requester(app)
    if not credentials.client_secret:
        raise _invalid(credentials, "no secret", app)
    secret_id = used_secret(app, credentials)
    if not secret_id:
        raise guess(_invalid(credentials, "wrong secret", app))
    return Requester(app, secret_id)


def requester_of(server: Server, found: App | None, credentials: Credentials, now: float) -> Requester:
    """Return the sender of a request as `authenticated` does, once per request: a kept app was when it was taken."""
    known = server.requester
    return known if known is not None and known.app is found else authenticated(found, credentials, now)


def why_stopped(app: App) -> str:
    """Return why an app can't get tokens, for the log."""
    return "its owner is stopped" if app.owner_stopped else f"app is {app.status}"


class concerning:  # noqa: N801 — named as the statement that it begins
    """Mark each OAuthError of the block as one of this app, for its owner.

    `proven` is left out behind `authenticated`: then an app with a secret has proven itself, and anybody may have
    sent the request of another, unless it `holds` a code or a refresh token of that app.
    """

    def __init__(self, app: App, *, proven: bool | None = None, holds: bool = False) -> None:
        """Take the app."""
        self._client_id = app.client_id
        self._authenticated = proven is None and app.confidential
        self._proven = self._authenticated or holds if proven is None else proven

    def __enter__(self) -> None:
        """Do nothing."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Mark the error."""
        if isinstance(error, OAuthError):
            about(error, self._client_id, proven=self._proven, authenticated=self._authenticated)


def check_grant_type(app: App, grant_type: str) -> None:
    """Raise UnauthorizedClient unless the app is registered for this grant type (RFC 6749 §5.2)."""
    if grant_type not in app.grant_types:
        raise not_registered_for(grant_type)


def not_registered_for(grant_type: str) -> UnauthorizedClient:
    """Return the error for a grant type of this server that the app did not choose."""
    return UnauthorizedClient(
        f"the app is not registered for grant_type {grant_type}", reason="grant type not of the app", detail=grant_type
    )


def used_secret(app: App, credentials: Credentials) -> str:
    """Return the id of the app's secret that matches the credentials, "" for a public app."""
    presented = digest(credentials.client_secret or "")
    return next((each.secret_id for each in app.secrets if hmac.compare_digest(presented, each.secret_hash)), "")


def _invalid(credentials: Credentials, reason: str, app: App | None = None) -> InvalidClient:
    # a malformed client_id may be a misplaced secret, so it is not logged
    named = app_id(credentials.client_id)
    client_id = "malformed" if named == NOBODY else named
    error = InvalidClient(NOT_KNOWN, challenge=credentials.basic, reason=reason, client_id=client_id)
    return error if app is None else about(error, app.client_id, proven=False)
