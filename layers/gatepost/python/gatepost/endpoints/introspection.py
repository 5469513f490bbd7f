"""What a token is worth, told to apps (RFC 7662), and how an app gives one back (RFC 7009)."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.errors import InvalidClient, InvalidGrant, InvalidToken
from gatepost.grants.token_response import required
from gatepost.identifiers import user_of
from gatepost.model.feed import Revocation
from gatepost.model.records import ACTIVE, App, Grant, User
from gatepost.oauth.client_authentication import Credentials, authenticated_app
from gatepost.oauth.resource_indicators import is_known
from gatepost.oauth.server import Server
from gatepost.settings import LONGEST_LIFETIME
from gatepost.stores.record_keys import AppKey, GrantKey, RevokedTokenKey, UserKey, app_key
from gatepost.tokens.access_token import Claims
from gatepost.tokens.refresh_token import open_refresh_token
from gatepost.tokens.revocation_list import Watch

ANY_TEXT = ("token",)  # parameters whose values are just unknown where they can't be right (RFC 7009 §2.2)
Members = dict[str, object]
INACTIVE: Members = {"active": False}


def revoke(server: Server, watch: Watch, parameters: Mapping[str, str], credentials: Credentials, now: float) -> None:
    """End a token of the app: a refresh token takes its whole grant along, an access token only itself.

    A token that is unknown, dead or another app's changes nothing and is no error (RFC 7009 §2.1, §2.2).
    Raises InvalidClient and InvalidRequest.
    """
    token = required(parameters, "token")
    grant_id, _ = _refreshed_grant(server, token, now)
    if grant_id:
        found, grant = server.store.read(app_key(credentials.client_id), GrantKey(grant_id))
        app = authenticated_app(found, credentials)
        if grant is not None and grant.client_id == app.client_id:
            server.store.revoke_grant(grant_id, now=now, feed_until=int(now) + LONGEST_LIFETIME)
        return
    (found,) = server.store.read(app_key(credentials.client_id))
    app = authenticated_app(found, credentials)
    claims = _claims(watch, token, now)
    if claims is not None and claims.client_id == app.client_id:
        end = claims.exp + server.settings.clock_leeway + 1
        server.store.publish(Revocation(kind="jti", subject=claims.jti, revoked_at=now, expires_at=end))


def introspect(
    server: Server, watch: Watch, parameters: Mapping[str, str], credentials: Credentials, now: float
) -> Members:
    """The members of the answer: two round trips at most, all of them consistent reads.

    Any app with a secret may ask about an access token, as a resource server does; about a refresh token only the
    app that holds it. Raises InvalidClient (also for a public app, which can't prove who asks) and InvalidRequest.
    """
    token = required(parameters, "token")
    grant_id, generation = _refreshed_grant(server, token, now)
    if grant_id:
        found, grant, user = server.store.read(
            app_key(credentials.client_id), GrantKey(grant_id), UserKey(user_of(grant_id))
        )
        app = _asking_app(found, credentials)
        return _refresh_token_members(grant, generation, app, user, now)
    claims = _claims(watch, token, now)
    if claims is None:
        (found,) = server.store.read(app_key(credentials.client_id))
        _asking_app(found, credentials)
        return INACTIVE
    return _access_token_members(server, claims, credentials)


def _access_token_members(server: Server, claims: Claims, credentials: Credentials) -> Members:
    caller, holder, jti = app_key(credentials.client_id), AppKey(claims.client_id), RevokedTokenKey(claims.jti)
    if claims.grant_id:
        found, app, revoked, grant, user = server.store.read(
            caller, holder, jti, GrantKey(claims.grant_id), UserKey(claims.sub)
        )
        alive = _stands(grant, app, user)
    else:
        found, app, revoked = server.store.read(caller, holder, jti)
        alive = app is not None and app.works and not _issued_until(claims.iat, app.grants_valid_from)
        user = None
    _asking_app(found, credentials)
    if revoked is not None or not alive or not any(is_known(server.settings, each) for each in claims.aud):
        return INACTIVE
    members: Members = {
        "active": True,
        "token_type": "Bearer",
        "iss": server.settings.issuer,
        "sub": claims.sub,
        "aud": _written(claims.aud),
        "client_id": claims.client_id,
        "scope": str(claims.scope),
        "jti": claims.jti,
        "iat": claims.iat,
        "exp": claims.exp,
    }
    return members | ({"username": user.user_name} if user is not None else {})


def _refresh_token_members(grant: Grant | None, generation: int, app: App, user: User | None, now: float) -> Members:
    if grant is None or grant.client_id != app.client_id or not _stands(grant, app, user):
        return INACTIVE
    end = min(grant.expires_at, grant.idle_expires_at)
    if end <= now or generation != grant.generation:
        return INACTIVE
    members: Members = {
        "active": True,
        "sub": grant.user_id,
        "client_id": grant.client_id,
        "scope": str(grant.scope),
        "iat": grant.created_at,
        "exp": end,
    }
    return members | ({"aud": _written(grant.resources)} if grant.resources else {})


def _written(audiences: tuple[str, ...]) -> str | list[str]:
    """As `aud` is written: one as a text, several as a list (RFC 7519 §4.1.3)."""
    return audiences[0] if len(audiences) == 1 else list(audiences)


def _stands(grant: Grant | None, app: App | None, user: User | None) -> bool:
    """Whether a grant and the two who made it still hold."""
    if grant is None or app is None or user is None or grant.revoked_at:
        return False
    if not app.works or user.status != ACTIVE:
        return False
    voided = max(app.grants_valid_from, user.grants_valid_from)
    return not _issued_until(grant.created_at, voided)


def _issued_until(created_at: int, voided: int) -> bool:
    return bool(voided) and created_at <= voided


def _asking_app(found: App | None, credentials: Credentials) -> App:
    app = authenticated_app(found, credentials)
    if not app.confidential:
        raise InvalidClient("only an app with a secret may ask", client_id=app.client_id)
    return app


def _refreshed_grant(server: Server, token: str, now: float) -> tuple[str, int]:
    """Grant and generation of a refresh token, "" if this is no refresh token of ours."""
    try:
        return open_refresh_token(server.keys.refresh(now), token)
    except InvalidGrant:
        return "", 0


def _claims(watch: Watch, token: str, now: float) -> Claims | None:
    try:
        return watch.genuine(token, now)  # an app asks, and may be any API
    except InvalidToken:
        return None
