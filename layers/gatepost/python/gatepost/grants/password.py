"""The password grant (RFC 6749 §4.3): for an app that its user trusts with the password.

RFC 9700 §2.4 advises against it; it is off for an app until its owner ticks it, and for a server by `grant_password`.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.apps import Credentials, app_key, authenticated_app, check_grant_type
from gatepost.errors import Conflict
from gatepost.grants.answer import (
    FIRST_GENERATION,
    TokenAnswer,
    answer_for,
    grant_ends,
    is_refreshable,
    requested_scope,
    required,
)
from gatepost.identifiers import new_grant_id
from gatepost.model import Grant
from gatepost.scope import granted_scope
from gatepost.server import Server
from gatepost.sign_in import SignIn, check_active, check_password, login_keys, refuse
from gatepost.stores.keys import UserKey

GRANT_TYPE = "password"
PARAMETERS = ("username", "password", "scope")


def exchange(server: Server, parameters: Mapping[str, str], credentials: Credentials, now: float) -> TokenAnswer:
    """Exchange a user name and password for tokens: three round trips.

    Raises InvalidClient, UnauthorizedClient, InvalidRequest, InvalidScope, InvalidGrant and TooManyAttempts.
    """
    user_name, password = required(parameters, "username"), required(parameters, "password")
    keys = login_keys(user_name, credentials.source_ip)
    found, login, attempts, network_attempts = server.store.read(app_key(credentials.client_id), *keys)
    app = authenticated_app(found, credentials)
    check_grant_type(app, GRANT_TYPE)
    requested = requested_scope(parameters)
    offered = SignIn(
        user_name=user_name,
        password=password,
        source_ip=credentials.source_ip,
        login=login,
        attempts=attempts,
        network_attempts=network_attempts,
    )
    login = check_password(server.store, server.settings, offered, now=now)
    (account,) = server.store.read(UserKey(login.user_id))
    user = check_active(account)
    scope = granted_scope(
        requested,
        app=app.scope,
        user=user.scope,
        default=server.settings.default_scopes,
        implies=server.settings.implies,
    )
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
    )
    answer = answer_for(server, app, grant, scope, refreshable=is_refreshable(app), now=now)
    try:
        server.store.approve(grant, user=user, code=None, approval=None, login=login)
    except Conflict:
        refuse("account changed while granting")
    return answer
