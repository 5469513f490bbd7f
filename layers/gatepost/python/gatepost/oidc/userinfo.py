"""The response of the userinfo endpoint (OpenID Connect Core §5.3)."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.errors import InsufficientScope, InvalidRequest, InvalidToken
from gatepost.model.records import ACTIVE, App, User
from gatepost.oauth.server import Server
from gatepost.scope import OPENID, Scope
from gatepost.settings import Settings

TYPE = "userinfo+jwt"  # neither an ID token nor an access token is taken for it, nor it for one of them


def check_openid(scope: Scope, grant_id: str, settings: Settings) -> None:
    """Raise InsufficientScope for a token that no user granted openid with."""
    if not grant_id or OPENID not in scope & settings.openid_scope:
        raise InsufficientScope("the token needs the scope openid", reason="userinfo without openid")


def living(user: User | None) -> User:
    """Return the user of a token. Raises InvalidToken if the account is gone or was deactivated since."""
    if user is None or user.status != ACTIVE:
        raise InvalidToken("the token is not valid", reason="account is not active")
    return user


def more_about(user: User, scope: Scope, client_id: str, settings: Settings) -> dict[str, object]:
    """Return the claims of the deployment's own, whichever scopes came with openid. Raises ClaimsFailed."""
    if not settings.keeps_subject:
        return {}
    from gatepost.tokens.custom_claims import of_userinfo

    return of_userinfo(settings, user, client_id=client_id, scope=scope)


def working(app: App | None) -> App:
    """Return the app of a token. Raises InvalidToken if it was deleted, or is stopped, before the authorizer knows."""
    if app is None or not app.works:
        raise InvalidToken("the token is not valid", reason="app is not active")
    return app


def signing_algorithm(app: App, settings: Settings) -> str:
    """Return the algorithm of the app's responses, "" for JSON.

    Raises InvalidRequest for an app that chose one while the deployment signed: it expects a JWT, and gets no other.
    """
    if app.userinfo_signed_response_alg and not settings.signs_userinfo:
        raise InvalidRequest(
            "this server signs no userinfo; the app is registered for it",
            reason="signed_userinfo is off",
            client_id=app.client_id,
        )
    return app.userinfo_signed_response_alg


def signed_userinfo(server: Server, claims: Mapping[str, object], *, alg: str, client_id: str, now: float) -> str:
    """Return the claims as a JWT for the app (§5.3.2). Raises TemporarilyUnavailable without a key for `alg`."""
    from gatepost.tokens.access_token import signed  # few apps ask for it

    whose = {"iss": server.settings.issuer, "aud": client_id}
    return signed(server.keys.signer(now, alg), TYPE, {**claims, **whose})
