"""The password grant (RFC 6749 §4.3): for apps that users trust with their password.

RFC 9700 §2.4 advises against it; an app's owner must enable it, and `grant_password` disables it for the server.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.authentication.factors.password import SignIn, prove_password
from gatepost.authentication.sign_in import check_active, login_keys, name_key, refuse
from gatepost.clients.scopes import scope_for_user
from gatepost.clients.use import note_first_use
from gatepost.errors import Conflict, OAuthError
from gatepost.grants.token_response import (
    FIRST_GENERATION,
    TokenAnswer,
    TokenContents,
    answer_for,
    grant_ends,
    is_refreshable,
    more_claims,
    requested_scope,
    requesting_app,
)
from gatepost.identifiers import new_grant_id
from gatepost.model.records import Grant, Login
from gatepost.oauth.client_authentication import Credentials, Requester, check_grant_type, concerning
from gatepost.oauth.parameters import required
from gatepost.oauth.resource_indicators import PARAMETER, Target, resources_of, sole_target
from gatepost.oauth.server import Server
from gatepost.scope import Scope, granted_scope
from gatepost.stores.record_keys import UserKey, app_key

GRANT_TYPE = "password"
PARAMETERS = ("username", "password", "scope", PARAMETER)


def exchange(server: Server, parameters: Mapping[str, str], credentials: Credentials, now: float) -> TokenAnswer:
    """Exchange a user name and password for tokens: four round trips.

    Raises InvalidClient, UnauthorizedClient, InvalidRequest, InvalidScope, InvalidTarget, InvalidGrant and
    TooManyAttempts.
    """
    user_name, password = required(parameters, "username"), required(parameters, "password")
    keys = login_keys(user_name, user_name, credentials.source_ip)
    found, login, attempts, network_attempts = server.store.read(app_key(credentials.client_id), *keys)
    requester = requesting_app(server, found, credentials, now)
    app = requester.app
    with concerning(app):
        check_grant_type(app, GRANT_TYPE)
        requested, target = requested_scope(parameters), sole_target(server.settings, parameters)
        offered = SignIn(
            user_name=user_name,
            typed=user_name,
            password=password,
            source_ip=credentials.source_ip,
            login=login,
            attempts=attempts,
            network_attempts=network_attempts,
        )
        login = prove_password(server.store, server.settings, offered, now=now)
        try:
            return _granted(server, requester, login, requested, target, user_name, now)
        except OAuthError:
            server.store.forget_failures(name_key(user_name).name_hash)  # the password was right
            raise


def _granted(
    server: Server,
    requester: Requester,
    login: Login,
    requested: Scope | None,
    target: Target,
    user_name: str,
    now: float,
) -> TokenAnswer:
    """Return the response to a right password; the write of the grant also resets the counted attempt."""
    app = requester.app
    (account,) = server.store.read(UserKey(login.user_id))
    user = check_active(account)
    allowed = target.within(scope_for_user(app, user.user_id, user.scope, server.settings))
    scope = granted_scope(
        requested,
        app=app.scope,
        allowed=allowed,
        default=server.settings.default_scopes,
        known=server.settings.scope,
    )
    more = more_claims(server, app, user, grant_type=GRANT_TYPE, scope=scope, target=target)
    idle_end, end = grant_ends(server, app, now)
    grant = Grant(
        grant_id=new_grant_id(user.user_id),
        client_id=app.client_id,
        scope=scope,
        grant_type=GRANT_TYPE,
        created_at=int(now),
        last_used_at=int(now),
        generation=FIRST_GENERATION,
        idle_expires_at=idle_end,
        expires_at=end,
        resources=resources_of([target]),
        token_lifetime=server.settings.access_token_lifetime,
    )
    note_first_use(server.store, requester, now=now)
    about = TokenContents(requester, grant, scope, target, more=more)
    dropped = (requested or Scope()) - scope
    answer = answer_for(server, about, refreshable=is_refreshable(app), now=now, dropped=dropped)
    try:
        server.store.approve(grant, user=user, code=None, approval=None, login=login, attempts=name_key(user_name))
    except Conflict:
        refuse("account changed while granting")
    return answer
