"""The claims about a user (OpenID Connect Core §5.1), and the scopes that give them (§5.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gatepost.authentication.factors import AMR
from gatepost.model.subject import Subject
from gatepost.scope import EMAIL, OPENID, PROFILE, Scope

_OF_SCOPES: Mapping[str, Mapping[str, Callable[[Subject], str | bool]]] = {
    OPENID: {"sub": lambda subject: subject.user_id},
    PROFILE: {"name": lambda subject: subject.user_name, "preferred_username": lambda subject: subject.user_name},
    EMAIL: {"email": lambda subject: subject.email, "email_verified": lambda subject: subject.email_confirmed},
}
_SCOPES: Mapping[str, str] = {name: scope for scope, claims in _OF_SCOPES.items() for name in claims}
CLAIMS = tuple(_SCOPES)
# How people sign in: with a password, at the sign-in or where it is chosen, and what that is worth (`acr`).
METHODS, ACR = (AMR["password"],), "1"


def claims_about(subject: Subject, scope: Scope) -> dict[str, str | bool]:
    """Return the claims that a scope gives; none about an address that the user has not.

    An address counts as verified only if a link that was mailed there was used, by somebody who has the account.
    """
    claims = {name: value(subject) for each in _OF_SCOPES if each in scope for name, value in _OF_SCOPES[each].items()}
    return claims if subject.email else {name: value for name, value in claims.items() if _SCOPES[name] != EMAIL}


def claims_named(subject: Subject, names: Iterable[str], scope: Scope) -> dict[str, str | bool]:
    """Return those of `names` that the scope gives; with an address that is not confirmed also that it is not."""
    there, wanted = claims_about(subject, scope), set(names)
    if "email" in wanted and not subject.email_confirmed:
        wanted.add("email_verified")
    return {name: value for name, value in there.items() if name in wanted}


def scope_of(names: Iterable[str]) -> Scope:
    """Return the scopes that give these claims; names that the server does not know add nothing."""
    return Scope(_SCOPES[name] for name in names if name in _SCOPES)
