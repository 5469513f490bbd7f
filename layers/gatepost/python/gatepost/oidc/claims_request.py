"""The parameter `claims` of an authorization request (OpenID Connect Core §5.5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from gatepost.errors import InvalidRequest, OAuthError
from gatepost.oidc.user_claims import ACR, CLAIMS, scope_of
from gatepost.scope import Scope

_LONGEST = 4000  # characters
_MALFORMED = "claims must be a JSON object of requests for claims"
_PLACES = ("id_token", "userinfo")


class UnmetAuthenticationRequirements(OAuthError):
    """The app asked for a kind of sign-in that the server does not have (OpenID Connect Core Error Code §2)."""

    code = "unmet_authentication_requirements"


class ClaimsRequest(NamedTuple):
    """A request for claims that the server knows; others are voluntary and left out (§5.5.1)."""

    id_token: tuple[str, ...] = ()  # names of claims about the user
    scope: Scope = Scope()  # that gives those of the ID token and of userinfo
    users: frozenset[str] | None = None  # the user must be one of these; None: any
    acr: tuple[str, ...] = ()  # one of these is essential; (): none is

    @classmethod
    def of(cls, text: str) -> ClaimsRequest:
        """Return the request of a parameter. Raises InvalidRequest if it is malformed."""
        asked = _parsed(text)
        named = {place: tuple(name for name in asked[place] if name in CLAIMS and name != "sub") for place in _PLACES}
        users = [frozenset(map(str, values)) for place in _PLACES if (values := _values(asked[place].get("sub")))]
        acr = asked["id_token"].get("acr")
        return cls(
            id_token=named["id_token"],
            scope=scope_of(name for names in named.values() for name in names),
            users=frozenset.intersection(*users) if users else None,
            acr=tuple(map(str, _values(acr))) if isinstance(acr, dict) and acr.get("essential") is True else (),
        )

    def check_acr(self) -> None:
        """Raise UnmetAuthenticationRequirements if what is essential is another kind of sign-in (§5.5.1.1)."""
        if self.acr and ACR not in self.acr:
            raise UnmetAuthenticationRequirements("this server can't provide the acr that the app requires")


def _parsed(text: str) -> dict[str, Mapping[str, Any]]:
    """Return the requests by place and name. Raises InvalidRequest."""
    try:
        document = json.loads(text) if len(text) <= _LONGEST else None
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise InvalidRequest(_MALFORMED, reason="claims is not a JSON object, or too long")
    places = {place: {} if document.get(place) is None else document[place] for place in _PLACES}
    for asked in places.values():
        if not isinstance(asked, dict) or not all(each is None or isinstance(each, dict) for each in asked.values()):
            raise InvalidRequest(_MALFORMED, reason="a request for a claim is not null or an object")
        if not all(isinstance(each.get("values", []), list) for each in asked.values() if each):
            raise InvalidRequest(_MALFORMED, reason="the values of a claim are not a list")
    return places


def _values(asked: Mapping[str, Any] | None) -> list[Any]:
    """Return the values that a claim may have, none if any will do."""
    if asked is None:
        return []
    return [*([asked["value"]] if "value" in asked else []), *asked.get("values", [])]
