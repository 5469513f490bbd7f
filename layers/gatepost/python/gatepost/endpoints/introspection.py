"""Introspection of tokens (RFC 7662)."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.endpoints.presented_token import claims_in, refreshed_grant
from gatepost.errors import InvalidClient, about
from gatepost.identifiers import user_of
from gatepost.model.records import App, Grant, User
from gatepost.oauth.client_authentication import Credentials, requester_of
from gatepost.oauth.grant_standing import is_expired, why_ended
from gatepost.oauth.parameters import required
from gatepost.oauth.resource_indicators import is_known
from gatepost.oauth.server import Server
from gatepost.scope import PROFILE
from gatepost.stores.record_keys import AppKey, GrantKey, RevokedTokenKey, UserKey, app_key
from gatepost.tokens.access_token import Claims
from gatepost.tokens.revocation_list import Watch

Members = dict[str, object]
INACTIVE: Members = {"active": False}


def introspect(
    server: Server, watch: Watch, parameters: Mapping[str, str], credentials: Credentials, now: float
) -> Members:
    """Return the members of the response: two round trips at most, all consistent reads.

    Any app with a secret may introspect access tokens, as resource servers do; a refresh token only its own app. So the
    user's name is told only of a token with the scope that announced it. Raises InvalidClient (also for a public app,
    which can't authenticate) and InvalidRequest.
    """
    token = required(parameters, "token")
    grant_id, generation = refreshed_grant(server, token, now)
    if grant_id:
        found, grant, user = server.store.read(
            app_key(credentials.client_id), GrantKey(grant_id), UserKey(user_of(grant_id))
        )
        app = _asking_app(server, found, credentials, now)
        return _refresh_token_members(grant, generation, app, user, now)
    claims = claims_in(watch, token, now)
    if claims is None:
        (found,) = server.store.read(app_key(credentials.client_id))
        _asking_app(server, found, credentials, now)
        return INACTIVE
    return _access_token_members(server, claims, credentials, now)


def _access_token_members(server: Server, claims: Claims, credentials: Credentials, now: float) -> Members:
    caller, holder, jti = app_key(credentials.client_id), AppKey(claims.client_id), RevokedTokenKey(claims.jti)
    if claims.grant_id:
        found, app, revoked, grant, user = server.store.read(
            caller, holder, jti, GrantKey(claims.grant_id), UserKey(claims.sub)
        )
        alive = _stands(grant, app, user)
    else:
        found, app, revoked = server.store.read(caller, holder, jti)
        alive = app is not None and app.works and claims.iat > app.grants_valid_from
        user = None
    _asking_app(server, found, credentials, now)
    if revoked is not None or not alive or not any(is_known(server.settings, each) for each in claims.aud):
        return INACTIVE
    members: Members = {
        **claims.more,
        "active": True,
        "token_type": "Bearer",
        "iss": server.settings.issuer,
        "sub": claims.sub,
        "aud": _written(claims.aud),
        "client_id": app.identifier if app else claims.client_id,
        "scope": str(claims.scope),
        "jti": claims.jti,
        "iat": claims.iat,
        "exp": claims.exp,
    }
    if user is not None and PROFILE in claims.scope & server.settings.openid_scope:
        members["username"] = user.user_name
    return members


def _refresh_token_members(grant: Grant | None, generation: int, app: App, user: User | None, now: float) -> Members:
    if grant is None or grant.client_id != app.client_id or not _stands(grant, app, user):
        return INACTIVE
    if is_expired(grant, now) or generation != grant.generation:
        return INACTIVE
    members: Members = {
        "active": True,
        "sub": grant.user_id,
        "client_id": app.identifier,
        "scope": str(grant.scope),
        "iat": grant.created_at,
        "exp": min(grant.expires_at, grant.idle_expires_at),
    }
    return members | ({"aud": _written(grant.resources)} if grant.resources else {})


def _written(audiences: tuple[str, ...]) -> str | list[str]:
    """As `aud` is written: one as a text, several as a list (RFC 7519 §4.1.3)."""
    return audiences[0] if len(audiences) == 1 else list(audiences)


def _stands(grant: Grant | None, app: App | None, user: User | None) -> bool:
    """Whether the grant, its app and its user exist and none of them has voided it."""
    return grant is not None and app is not None and user is not None and not why_ended(grant, app, user)


def _asking_app(server: Server, found: App | None, credentials: Credentials, now: float) -> App:
    app = requester_of(server, found, credentials, now).app
    if not app.confidential:
        refused = InvalidClient("a public app may not introspect tokens", client_id=app.client_id)
        raise about(refused, app.client_id, proven=False)
    return app
