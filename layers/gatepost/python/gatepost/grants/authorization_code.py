"""The authorization code grant, with PKCE (RFC 6749 §4.1, RFC 7636)."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.clients.scopes import scope_for_user
from gatepost.clients.use import note_first_use
from gatepost.errors import InvalidGrant, InvalidRequest, InvalidScope, guess
from gatepost.grants.token_response import (
    FIRST_GENERATION,
    NO_MORE,
    MoreClaims,
    TokenAnswer,
    TokenContents,
    answer_for,
    check_signers,
    grant_ends,
    is_refreshable,
    more_claims,
    requesting_app,
    scope_there,
    still_allowed,
    with_id_token,
)
from gatepost.identifiers import digest, new_grant_id, new_id, new_secret, user_of
from gatepost.model.records import App, Code, Grant, User
from gatepost.model.subject import Subject
from gatepost.oauth.client_authentication import Credentials, Requester, check_grant_type, concerning
from gatepost.oauth.grant_standing import revoke_grant, why_ended
from gatepost.oauth.parameters import required
from gatepost.oauth.pkce import CODE_NOT_VALID, check_verifier
from gatepost.oauth.redirect_uris import proven_redirect_uri
from gatepost.oauth.resource_indicators import PARAMETER, Target, granted_target
from gatepost.oauth.server import Server
from gatepost.quoting import quoted
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.stores.record_keys import CodeKey, GrantKey, UserKey, app_key

GRANT_TYPE = "authorization_code"
RESPONSE_TYPE = "code"
FORM_POST = "form_post"
# the default first (OAuth 2.0 Multiple Response Type Encoding Practices §2.1)
RESPONSE_MODES = ("query", "fragment", FORM_POST)
PARAMETERS = ("code", "redirect_uri", "code_verifier", PARAMETER)


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
    resources: tuple[str, ...] = (),
    nonce: str = "",
    auth_time: int = 0,
    session_id: str = "",
    claims: tuple[str, ...] = (),
    subject: Subject | None = None,
) -> tuple[str, Code, Grant]:
    """Return a code, its record and its grant, neither of them stored yet.

    `auth_time`, `claims` and so on are for ID tokens; `subject` is what the tokens may state about the user.
    """
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
        resources=resources,
        nonce=nonce,
        auth_time=auth_time,
        claims=claims,
        **({**subject.kept(), "scope": scope} if subject else {}),
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
        resources=resources,
        token_lifetime=server.settings.access_token_lifetime,
        auth_time=auth_time,
        session_id=session_id,
        claims=claims,
    )
    return code, record, grant


def exchange(server: Server, parameters: Mapping[str, str], credentials: Credentials, now: float) -> TokenAnswer:
    """Exchange a code for tokens (RFC 6749 §4.1.3): two round trips.

    The code is bound to the app, the redirect URI and the challenge; only a replay with all of them right revokes the
    tokens issued for the code, so a stolen old code alone can't sign the user out. With PKCE, a replay within
    `refresh_retry_window` is taken for a callback that was called twice, and only rejected.
    Raises InvalidClient, UnauthorizedClient, InvalidRequest, InvalidGrant.
    """
    code_hash = digest(required(parameters, "code"))
    found, code = server.store.read(app_key(credentials.client_id), CodeKey(code_hash))
    requester = requesting_app(server, found, credentials, now)
    app = requester.app
    with concerning(app, holds=code is not None and code.client_id == app.client_id):
        check_grant_type(app, GRANT_TYPE)
        bound = _bound_code(code, app, parameters)
        target = granted_target(server.settings, parameters, bound.resources)
        check_signers(server, app, bound.auth_time, now)
        more = _more_claims(server, app, bound, target)
        note_first_use(server.store, requester, now=now)
        return _redeemed(server, requester, bound, target, more, now)


def _bound_code(code: Code | None, app: App, parameters: Mapping[str, str]) -> Code:
    if code is None:
        raise guess(InvalidGrant(CODE_NOT_VALID, reason="unknown code"))
    if code.client_id != app.client_id:
        raise InvalidGrant(CODE_NOT_VALID, reason="code of another app")
    redirect_uri = parameters.get("redirect_uri")
    if redirect_uri is None and code.redirect_uri_sent:
        raise InvalidGrant(CODE_NOT_VALID, reason="redirect_uri missing")
    if redirect_uri is not None and redirect_uri != code.redirect_uri:
        detail = f"sent {quoted(redirect_uri)}, was {quoted(code.redirect_uri)}"
        raise InvalidGrant(CODE_NOT_VALID, reason="redirect_uri differs", detail=detail, repeated=redirect_uri)
    check_verifier(parameters.get("code_verifier"), code.code_challenge)
    _check_still_registered(app, code)
    return code


def _check_still_registered(app: App, code: Code) -> None:
    """Raise InvalidGrant if the code's redirect URI was removed from the app since."""
    try:
        proven_redirect_uri(app, code.redirect_uri)
    except InvalidRequest:
        removed = {"reason": "redirect_uri was removed", "detail": quoted(code.redirect_uri)}
        raise InvalidGrant(CODE_NOT_VALID, **removed, grant_id=code.grant_id) from None


def _more_claims(server: Server, app: App, code: Code, target: Target) -> MoreClaims:
    """Return the claims of the deployment's own for the scope that the redemption is going to find."""
    if not server.settings.keeps_subject:
        return NO_MORE
    subject, granted = _subject_of(server, code)
    allowed = granted & scope_for_user(app, user_of(code.grant_id), None, server.settings)
    return more_claims(
        server,
        app,
        subject,
        grant_type=GRANT_TYPE,
        scope=target.within(allowed),
        target=target,
        of_id_token=allowed if code.auth_time else Scope(),
    )


def _subject_of(server: Server, code: Code) -> tuple[Subject | User, Scope]:
    """Return what the code keeps; one from before the setting keeps nothing, and its account and grant are read."""
    kept = Subject.in_code(code)
    if kept is not None:
        return kept, code.scope
    grant, user = server.store.read(GrantKey(code.grant_id), UserKey(user_of(code.grant_id)))
    if grant is None or user is None:
        raise InvalidGrant(CODE_NOT_VALID, reason="no grant for the code", grant_id=code.grant_id)
    return user, grant.scope


def _redeemed(
    server: Server, requester: Requester, code: Code, target: Target, more: MoreClaims, now: float
) -> TokenAnswer:
    app, attempt = requester.app, new_id()
    idle_end, end = grant_ends(server, app, now)
    grant = server.store.redeem(code.grant_id, attempt=attempt, now=int(now), idle_expires_at=idle_end, expires_at=end)
    if grant is None:
        raise InvalidGrant(CODE_NOT_VALID, reason="no grant for the code", grant_id=code.grant_id)
    if grant.redeemed_by and grant.redeemed_by != attempt:
        if _came_twice(grant, code, server.settings, now):
            raise InvalidGrant(CODE_NOT_VALID, reason="redeemed a moment ago", grant_id=code.grant_id)
        revoke_grant(server.store, grant, now=now)
        raise InvalidGrant(CODE_NOT_VALID, reason="redeemed twice", grant_id=code.grant_id)
    if not grant.redeemed_by:
        reason = "revoked" if grant.revoked_at else "expired"
        raise InvalidGrant(CODE_NOT_VALID, reason=reason, grant_id=code.grant_id)
    if reason := why_ended(grant, app, None):
        raise InvalidGrant(CODE_NOT_VALID, reason=reason, grant_id=code.grant_id)
    try:
        allowed = still_allowed(grant, app, None, server.settings, CODE_NOT_VALID)
        scope = scope_there(target, allowed)
    except (InvalidGrant, InvalidScope):
        # its code is used up: the grant would be listed as valid and be worthless
        revoke_grant(server.store, grant, now=now)
        raise
    about = TokenContents(requester, grant, scope, target, allowed, more)
    answer = answer_for(server, about, refreshable=is_refreshable(app), now=now, dropped=grant.scope - allowed)
    return with_id_token(server, about, answer, subject=Subject.in_code(code), nonce=code.nonce, now=now)


def _came_twice(grant: Grant, code: Code, settings: Settings, now: float) -> bool:
    """Whether a redeemed code may come from a callback that a browser called twice.

    Without PKCE a browser can't be told from a thief of the code.
    """
    if not code.code_challenge or not settings.refresh_retry_window:
        return False
    return int(now) - grant.redeemed_at <= settings.refresh_retry_window
