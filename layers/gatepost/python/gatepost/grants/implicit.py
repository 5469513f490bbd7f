"""The implicit grant (RFC 6749 §4.2): a short-lived access token in the fragment, and no refresh token.

RFC 9700 §2.1.2 advises against it; an app's owner must enable it, and `grant_implicit` disables it for the server.
"""

from __future__ import annotations

from gatepost.grants.token_response import FIRST_GENERATION, TokenAnswer, more_claims
from gatepost.identifiers import new_grant_id
from gatepost.model.records import App, Grant, User
from gatepost.oauth.resource_indicators import Target, resources_of
from gatepost.oauth.server import Server
from gatepost.scope import Scope
from gatepost.tokens.access_token import issue_access_token

GRANT_TYPE = "implicit"
RESPONSE_TYPE = "token"
RESPONSE_MODES = ("fragment",)  # a token in a query would reach servers and logs
PARAMETERS = ()


def new_token(
    server: Server, *, app: App, user: User, scope: Scope, target: Target, now: float
) -> tuple[TokenAnswer, Grant]:
    """A token for `target` and the grant behind it, not stored yet; the grant ends with the token.

    Raises ClaimsFailed.
    """
    lifetime = server.settings.implicit_token_lifetime
    grant = Grant(
        grant_id=new_grant_id(user.user_id),
        client_id=app.client_id,
        scope=scope,
        grant_type=GRANT_TYPE,
        created_at=int(now),
        last_used_at=int(now),
        generation=FIRST_GENERATION,
        idle_expires_at=int(now) + lifetime,
        expires_at=int(now) + lifetime,
        resources=resources_of([target]),
        token_lifetime=lifetime,
    )
    more = more_claims(server, app, user, grant_type=GRANT_TYPE, scope=scope, target=target)
    access_token = issue_access_token(
        server.keys.signer(now),
        server.settings,
        more.of_access_token,
        sub=user.user_id,
        client_id=app.client_id,
        scope=scope,
        grant_id=grant.grant_id,
        lifetime=lifetime,
        now=now,
        audience=target.audience,
    )
    return TokenAnswer(access_token=access_token, expires_in=lifetime, scope=scope, grant_id=grant.grant_id), grant
