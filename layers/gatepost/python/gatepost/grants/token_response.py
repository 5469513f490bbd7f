"""The successful token response (RFC 6749 §5.1), shared by all grants."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gatepost.clients.scopes import scope_for_user
from gatepost.errors import Conflict, InvalidGrant, InvalidScope
from gatepost.model.records import App, Grant, User
from gatepost.model.subject import Subject
from gatepost.oauth.client_authentication import Credentials, Requester, authenticated, requester_of
from gatepost.oauth.resource_indicators import Target
from gatepost.oauth.server import Server
from gatepost.quoting import quoted
from gatepost.scope import OPENID, Scope, named, parse_scope
from gatepost.settings import LONGEST_LIFETIME, Settings
from gatepost.stores.record_keys import UserKey
from gatepost.tokens.access_token import issue_access_token
from gatepost.tokens.refresh_token import issue_refresh_token

FIRST_GENERATION = 1
_NONE: Mapping[str, object] = MappingProxyType({})


class MoreClaims(NamedTuple):
    """The claims of a deployment's own in the tokens of one response."""

    of_access_token: Mapping[str, object] = _NONE
    of_id_token: Mapping[str, object] = _NONE


NO_MORE = MoreClaims()


class TokenContents(NamedTuple):
    """The app and the grant that the tokens of a response are for, and what they hold."""

    requester: Requester
    grant: Grant
    scope: Scope  # of the access token
    target: Target
    of_all_apis: Scope = Scope()  # before it is narrowed to the target: an ID token is about no API
    more: MoreClaims = NO_MORE


class TokenAnswer(NamedTuple):
    """The members of a successful response. `refresh_token` is "" if there is none; `expires_in` is in seconds."""

    access_token: str
    expires_in: int
    scope: Scope
    refresh_token: str = ""
    requester: Requester | None = None  # the authenticated app, if any
    grant_id: str = ""  # for the log
    audience: str = ""  # for the log
    dropped: Scope = Scope()  # what was requested or granted, and is not in the token; for the log
    id_token: str = ""  # "" if there is none (OpenID Connect Core §3.1.3.3)

    def members(self) -> dict[str, str | int]:
        """Return the members of the JSON body or the fragment."""
        members: dict[str, str | int] = {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": self.expires_in,
            "scope": str(self.scope),
        }
        if self.refresh_token:
            members["refresh_token"] = self.refresh_token
        if self.id_token:
            members["id_token"] = self.id_token
        return members


def requesting_app(server: Server, found: App | None, credentials: Credentials, now: float) -> Requester:
    """Return the app of a token request, authenticated by `requester_of`.

    One from an older release is completed at its first request, with one more round trip for its owner.
    """
    requester = requester_of(server, found, credentials, now)
    if requester.app.is_complete:
        return requester
    from gatepost.clients.owners import complete, completed  # for few requests

    app = requester.app
    (owner,) = server.store.read(UserKey(app.owner))
    try:
        app = completed(app, None) if owner is None else complete(server.store, app, owner)
    except Conflict:  # changed concurrently: the next request completes it
        app = completed(app, owner)
    return authenticated(app, credentials, now)


def answer_for(
    server: Server, about: TokenContents, *, refreshable: bool, now: float, dropped: Scope = Scope()
) -> TokenAnswer:
    """The tokens of a grant: an access token, and if `refreshable` the refresh token of the grant's generation."""
    grant = about.grant
    longest = min(server.settings.access_token_lifetime, grant.token_lifetime or LONGEST_LIFETIME)
    lifetime = min(longest, grant.expires_at - int(now))
    issued_at = server.issued_at(now, granted_at=grant.created_at)
    access_token = issue_access_token(
        server.keys.signer(now),
        server.settings,
        about.more.of_access_token,
        sub=grant.user_id,
        client_id=about.requester.app.client_id,
        scope=about.scope,
        grant_id=grant.grant_id,
        lifetime=lifetime + int(now) - issued_at,
        now=issued_at,
        audience=about.target.audience,
    )
    refresh_token = ""
    if refreshable:
        refresh_token = issue_refresh_token(server.keys.refresh(now), grant.grant_id, grant.generation, now)
    return TokenAnswer(
        access_token=access_token,
        expires_in=lifetime,
        scope=about.scope,
        refresh_token=refresh_token,
        requester=about.requester,
        grant_id=grant.grant_id,
        audience=about.target.audience,
        dropped=dropped,
    )


def with_id_token(
    server: Server, about: TokenContents, answer: TokenAnswer, *, subject: Subject | None, nonce: str = "", now: float
) -> TokenAnswer:
    """Return the response with an ID token, if the grant is one of OpenID Connect and the scope still is.

    `subject` is the user, None if no claim about them was asked for.
    """
    app, grant, scope = about.requester.app, about.grant, about.of_all_apis
    if not grant.auth_time or OPENID not in scope & server.settings.openid_scope:
        return answer
    from gatepost.oidc.id_token import id_token_algorithm, issue_id_token
    from gatepost.oidc.user_claims import claims_named

    id_token = issue_id_token(
        server.keys.signer(now, id_token_algorithm(app)),
        server.settings,
        about={**about.more.of_id_token, **(claims_named(subject, grant.claims, scope) if subject else {})},
        sub=grant.user_id,
        client_id=app.identifier,
        auth_time=grant.auth_time,
        sid=grant.session_id,
        nonce=nonce,
        access_token=answer.access_token,
        lifetime=answer.expires_in,
        now=now,
    )
    return answer._replace(id_token=id_token)


def more_claims(
    server: Server,
    app: App,
    subject: User | Subject | None,
    *,
    grant_type: str,
    scope: Scope,
    target: Target,
    of_id_token: Scope = Scope(),
) -> MoreClaims:
    """Return the claims of the deployment's own, before anything is used up; `subject` is None if there is no user.

    `of_id_token` is the scope that an ID token comes with, if it has openid. Raises ClaimsFailed.
    """
    if not server.settings.keeps_subject:
        return NO_MORE
    from gatepost.tokens.custom_claims import of_token

    settings = server.settings
    of_access = of_token(
        settings, "access_token", app, subject, grant_type=grant_type, scope=scope, audience=target.audience
    )
    if OPENID not in of_id_token & settings.openid_scope:
        return MoreClaims(of_access)
    of_id = of_token(
        settings, "id_token", app, subject, grant_type=grant_type, scope=of_id_token, audience=app.identifier
    )
    return MoreClaims(of_access, of_id)


def check_signers(server: Server, app: App, auth_time: int, now: float) -> None:
    """Raise TemporarilyUnavailable if a key is missing, so that a server without keys uses nothing up."""
    server.keys.signer(now)
    if auth_time and server.settings.openid:
        from gatepost.oidc.id_token import id_token_algorithm

        server.keys.signer(now, id_token_algorithm(app))


def is_refreshable(app: App) -> bool:
    """Whether the app is registered for refresh tokens."""
    return "refresh_token" in app.grant_types


def grant_ends(server: Server, app: App, now: float) -> tuple[int, int]:
    """Return the idle and the absolute expiry of a grant made now, in epoch seconds."""
    settings = server.settings
    if not is_refreshable(app):
        end = int(now) + settings.access_token_lifetime
        return end, end
    end = int(now) + settings.refresh_token_lifetime
    return min(end, int(now) + settings.refresh_token_idle_lifetime), end


def lifetime_after(grant: Grant, settings: Settings) -> int:
    """Return the `token_lifetime` of a refreshed grant: earlier tokens keep theirs if the setting fell."""
    return max(grant.token_lifetime, settings.access_token_lifetime) if grant.token_lifetime else 0


def still_allowed(grant: Grant, app: App, user: User | None, settings: Settings, description: str) -> Scope:
    """Return the granted scope minus what the app or user may no longer have; `user` is None as in `why_ended`.

    Raises InvalidGrant if nothing is left.
    """
    scope = grant.scope & scope_for_user(app, grant.user_id, user.scope if user else None, settings)
    if not scope:
        raise InvalidGrant(description, reason="nothing of the scope is left", grant_id=grant.grant_id)
    return scope


def scope_there(target: Target, scope: Scope) -> Scope:
    """Return the granted scope within `target`. Raises InvalidScope if nothing is left."""
    there = target.within(scope)
    if not there:
        detail = quoted(f"{named(scope)} for {target.audience}")
        raise InvalidScope(
            f"scope is not for this resource: {named(scope)}", reason="scope of another resource", detail=detail
        )
    return there


def requested_scope(parameters: Mapping[str, str]) -> Scope | None:
    """Return the scope of a request, None if it names none. Raises InvalidScope if it is malformed."""
    text = parameters.get("scope")
    return None if text is None else parse_scope(text) or None
