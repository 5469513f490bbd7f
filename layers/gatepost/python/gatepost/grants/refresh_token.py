"""The refresh token grant, with rotation (RFC 6749 §6, RFC 9700 §4.14.2).

Within `refresh_retry_window` the previous generation returns the same successor again, so that two tabs or a lost
response sign nobody out. Anything older or later is reuse and revokes the grant.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from gatepost.clients.use import note_first_use
from gatepost.errors import InvalidGrant
from gatepost.grants.token_response import (
    TokenAnswer,
    TokenContents,
    answer_for,
    check_signers,
    lifetime_after,
    more_claims,
    requested_scope,
    requesting_app,
    scope_there,
    still_allowed,
    with_id_token,
)
from gatepost.identifiers import NOBODY, new_id, user_of
from gatepost.model.records import App, Grant, User
from gatepost.model.subject import Subject
from gatepost.oauth.client_authentication import Credentials, check_grant_type, concerning
from gatepost.oauth.grant_standing import is_expired, revoke_grant, why_ended
from gatepost.oauth.parameters import required
from gatepost.oauth.resource_indicators import PARAMETER, granted_target
from gatepost.oauth.server import Server
from gatepost.scope import Scope, narrowed_scope
from gatepost.stores.record_keys import GrantKey, UserKey, app_key
from gatepost.tokens.refresh_token import NOT_VALID, open_refresh_token

GRANT_TYPE = "refresh_token"
PARAMETERS = ("refresh_token", "scope", PARAMETER)


def exchange(server: Server, parameters: Mapping[str, str], credentials: Credentials, now: float) -> TokenAnswer:
    """Exchange a refresh token for the next one and an access token: two round trips.

    A token of another app, and a scope or resource that was not granted, leave everything as it is.
    Raises InvalidClient, UnauthorizedClient, InvalidRequest, InvalidGrant, InvalidScope, InvalidTarget.
    """
    token = required(parameters, "refresh_token")
    refused: InvalidGrant | None = None
    try:
        grant_id, generation = open_refresh_token(server.keys.refresh(now), token)
    except InvalidGrant as error:
        refused, grant_id, generation = error, f"{NOBODY}.nothing", 0  # the app is authenticated first
    found, grant, user = server.store.read(
        app_key(credentials.client_id), GrantKey(grant_id), UserKey(user_of(grant_id))
    )
    requester = requesting_app(server, found, credentials, now)
    app = requester.app
    with concerning(app, holds=grant is not None and grant.client_id == app.client_id):
        check_grant_type(app, GRANT_TYPE)
        if refused is not None:
            raise refused
        living = _living(grant, app, user, now)
        target = granted_target(server.settings, parameters, living.resources)
        allowed = still_allowed(living, app, user, server.settings, NOT_VALID)
        narrowed = narrowed_scope(requested_scope(parameters), allowed, server.settings.implies)
        scope = scope_there(target, narrowed)
        check_signers(server, app, living.auth_time, now)
        told = narrowed if living.auth_time else Scope()
        more = more_claims(server, app, user, grant_type=GRANT_TYPE, scope=scope, target=target, of_id_token=told)
        note_first_use(server.store, requester, now=now)
        turned = _turned(server, living, generation, now)
        about = TokenContents(requester, turned, scope, target, narrowed, more)
        answer = answer_for(server, about, refreshable=True, now=now, dropped=living.scope - allowed)
        return with_id_token(server, about, answer, subject=Subject.of(user) if user else None, now=now)


def _living(grant: Grant | None, app: App, user: User | None, now: float) -> Grant:
    if grant is None or grant.client_id != app.client_id:
        _refuse("no such grant" if grant is None else "refresh token of another app")
    if user is None:
        _refuse("account is gone", grant)
    if reason := why_ended(grant, app, user):
        _refuse(reason, grant)
    if is_expired(grant, now):
        _refuse("expired or idle", grant)
    return grant


def _turned(server: Server, grant: Grant, generation: int, now: float) -> Grant:
    """Return the grant one generation after the presented one, whichever request rotated it."""
    attempt = new_id()
    standing: Grant | None = grant
    if generation == grant.generation:
        idle_end = min(grant.expires_at, int(now) + server.settings.refresh_token_idle_lifetime)
        standing = server.store.rotate(
            grant.grant_id,
            generation,
            attempt=attempt,
            now=int(now),
            idle_expires_at=idle_end,
            token_lifetime=lifetime_after(grant, server.settings),
        )
    if standing is None or standing.revoked_at:
        _refuse("revoked meanwhile", grant)
    if standing.rotated_by == attempt:
        return standing
    if generation > standing.generation:
        _refuse("generation from the future", grant)
    fresh = int(now) - standing.rotated_at <= server.settings.refresh_retry_window
    if standing.generation != generation + 1 or not fresh or not server.settings.refresh_retry_window:
        revoke_grant(server.store, standing, now=now)
        _refuse("reused", grant)
    return standing


def _refuse(reason: str, grant: Grant | None = None) -> NoReturn:
    raise InvalidGrant(NOT_VALID, reason=reason, grant_id=grant.grant_id if grant else "")
