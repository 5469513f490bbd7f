"""The authorization code grant, with PKCE (RFC 6749 §4.1, RFC 7636)."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.apps import Credentials, app_key, authenticated_app, check_grant_type
from gatepost.errors import InvalidGrant
from gatepost.grants.answer import (
    FIRST_GENERATION,
    TokenAnswer,
    answer_for,
    check_not_void,
    grant_ends,
    is_refreshable,
    required,
)
from gatepost.identifiers import digest, new_grant_id, new_id, new_secret
from gatepost.model import App, Code, Grant
from gatepost.pkce import CODE_NOT_VALID, check_verifier
from gatepost.scope import Scope
from gatepost.server import Server
from gatepost.settings import LONGEST_LIFETIME
from gatepost.stores.keys import CodeKey

GRANT_TYPE = "authorization_code"
RESPONSE_TYPE = "code"
PARAMETERS = ("code", "redirect_uri", "code_verifier")
UNKNOWN_CODE = "unknown code"  # as apps.WRONG_SECRET


def new_code(
    server: Server,
    *,
    user_id: str,
    client_id: str,
    scope: Scope,
    redirect_uri: str,
    redirect_uri_sent: bool,
    code_challenge: str,
    now: float,
) -> tuple[str, Code, Grant]:
    """A code with its record and the grant that it will redeem, none of them stored yet."""
    code = new_secret()
    end = int(now) + server.settings.code_lifetime
    grant_id = new_grant_id(user_id)
    record = Code(
        code_hash=digest(code),
        client_id=client_id,
        grant_id=grant_id,
        redirect_uri=redirect_uri,
        redirect_uri_sent=redirect_uri_sent,
        code_challenge=code_challenge,
        expires_at=end,
    )
    grant = Grant(
        grant_id=grant_id,
        client_id=client_id,
        scope=scope,
        grant_type=GRANT_TYPE,
        created_at=int(now),
        redeem_before=end,
        generation=FIRST_GENERATION,
        idle_expires_at=end,
        expires_at=end,
    )
    return code, record, grant


def exchange(server: Server, parameters: Mapping[str, str], credentials: Credentials, now: float) -> TokenAnswer:
    """Exchange a code for tokens (RFC 6749 §4.1.3): two round trips.

    The code is bound to the app, the redirect URI and the challenge; only a replay with everything right revokes
    what the code produced, so an old code in a stranger's hands signs nobody out.
    Raises InvalidClient, UnauthorizedClient, InvalidRequest, InvalidGrant.
    """
    code_hash = digest(required(parameters, "code"))
    found, code = server.store.read(app_key(credentials.client_id), CodeKey(code_hash))
    app = authenticated_app(found, credentials)
    check_grant_type(app, GRANT_TYPE)
    bound = _bound_code(code, app, parameters)
    server.keys.signer(now)  # a server without keys must not use the code up
    return _redeemed(server, app, bound, now)


def _bound_code(code: Code | None, app: App, parameters: Mapping[str, str]) -> Code:
    if code is None or code.client_id != app.client_id:
        raise InvalidGrant(CODE_NOT_VALID, reason=UNKNOWN_CODE if code is None else "code of another app")
    redirect_uri = parameters.get("redirect_uri")
    if redirect_uri is None and code.redirect_uri_sent:
        raise InvalidGrant(CODE_NOT_VALID, reason="redirect_uri missing")
    if redirect_uri is not None and redirect_uri != code.redirect_uri:
        raise InvalidGrant(CODE_NOT_VALID, reason="redirect_uri differs")
    check_verifier(parameters.get("code_verifier"), code.code_challenge)
    return code


def _redeemed(server: Server, app: App, code: Code, now: float) -> TokenAnswer:
    attempt = new_id()
    idle_end, end = grant_ends(server, app, now)
    grant = server.store.redeem(code.grant_id, attempt=attempt, now=int(now), idle_expires_at=idle_end, expires_at=end)
    if grant is None:
        raise InvalidGrant(CODE_NOT_VALID, reason="no grant for the code", grant_id=code.grant_id)
    if grant.redeemed_by and grant.redeemed_by != attempt:
        feed_until = int(now) + LONGEST_LIFETIME
        server.store.revoke_grant(grant.grant_id, now=now, feed_until=feed_until)
        raise InvalidGrant(CODE_NOT_VALID, reason="redeemed twice", grant_id=code.grant_id)
    if not grant.redeemed_by:
        reason = "revoked" if grant.revoked_at else "expired"
        raise InvalidGrant(CODE_NOT_VALID, reason=reason, grant_id=code.grant_id)
    check_not_void(grant, app, None, CODE_NOT_VALID)
    return answer_for(server, app, grant, grant.scope, refreshable=is_refreshable(app), now=now)
