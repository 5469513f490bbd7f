"""The client credentials grant (RFC 6749 §4.4): the app acts for itself, so there is no user and no grant record."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.clients.scopes import most_requested, scope_of_its_own
from gatepost.clients.use import note_first_use
from gatepost.errors import UnauthorizedClient
from gatepost.grants.token_response import TokenAnswer, more_claims, requested_scope, requesting_app
from gatepost.oauth.client_authentication import Credentials, Requester, check_grant_type, concerning
from gatepost.oauth.resource_indicators import PARAMETER, sole_target
from gatepost.oauth.server import Server
from gatepost.scope import Scope, granted_scope
from gatepost.stores.record_keys import app_key
from gatepost.tokens.access_token import issue_access_token

GRANT_TYPE = "client_credentials"
PARAMETERS = ("scope", PARAMETER)


def exchange(server: Server, parameters: Mapping[str, str], credentials: Credentials, now: float) -> TokenAnswer:
    """Return a token for the app itself: one round trip, no refresh token (RFC 6749 §4.4.3).

    Raises InvalidClient, UnauthorizedClient (also for a public app), InvalidTarget and InvalidScope.
    """
    (found,) = server.store.read(app_key(credentials.client_id))
    requester = requesting_app(server, found, credentials, now)
    with concerning(requester.app):
        return _issued(server, requester, parameters, now)


def _issued(server: Server, requester: Requester, parameters: Mapping[str, str], now: float) -> TokenAnswer:
    app = requester.app
    if not app.confidential:
        raise UnauthorizedClient(f"a public app may not use grant_type {GRANT_TYPE}")
    check_grant_type(app, GRANT_TYPE)
    target = sole_target(server.settings, parameters)
    requested = requested_scope(parameters)
    scope = granted_scope(
        requested,
        app=most_requested(app, server.settings),
        allowed=scope_of_its_own(app, server.settings, target),
        default=app.default_scope or server.settings.default_scopes,
        known=server.settings.scope,
    )
    more = more_claims(server, app, None, grant_type=GRANT_TYPE, scope=scope, target=target)
    note_first_use(server.store, requester, now=now)
    lifetime, issued_at = server.settings.access_token_lifetime, server.issued_at(now)
    access_token = issue_access_token(
        server.keys.signer(now),
        server.settings,
        more.of_access_token,
        sub=app.client_id,
        client_id=app.client_id,
        scope=scope,
        grant_id="",
        lifetime=lifetime + int(now) - issued_at,
        now=issued_at,
        audience=target.audience,
    )
    return TokenAnswer(
        access_token=access_token,
        expires_in=lifetime,
        scope=scope,
        requester=requester,
        audience=target.audience,
        dropped=(requested or Scope()) - scope,
    )
