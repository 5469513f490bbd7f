"""The claims about a user at the userinfo endpoint (OpenID Connect Core §5.3, §5.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatepost.errors import InsufficientScope
from gatepost.model.records import User
from gatepost.scope import EMAIL, OPENID, PROFILE, Scope
from gatepost.settings import Settings

_OF_SCOPES: Mapping[str, Mapping[str, Callable[[User], str | bool]]] = {
    OPENID: {"sub": lambda user: user.user_id},
    PROFILE: {"name": lambda user: user.user_name, "preferred_username": lambda user: user.user_name},
    EMAIL: {"email": lambda user: user.email, "email_verified": lambda user: user.email_confirmed},
}
CLAIMS = tuple(name for claims in _OF_SCOPES.values() for name in claims)


def check_openid(scope: Scope, grant_id: str, settings: Settings) -> None:
    """Raise InsufficientScope for a token that no user granted openid with."""
    if not grant_id or OPENID not in scope & settings.openid_scope:
        raise InsufficientScope("the token needs the scope openid", reason="userinfo without openid")


def claims_about(user: User, scope: Scope) -> dict[str, str | bool]:
    """Return the claims that a scope gives; none about an address that the user has not.

    An address counts as verified only if its user has opened a link that was mailed there.
    """
    claims = {name: value(user) for each in _OF_SCOPES if each in scope for name, value in _OF_SCOPES[each].items()}
    return claims if user.email else {name: value for name, value in claims.items() if name not in _OF_SCOPES[EMAIL]}
