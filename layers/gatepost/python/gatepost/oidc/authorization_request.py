"""OpenID Connect in an authorization request (Core §3.1.2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gatepost.authentication.sessions import public_id, signed_in_at
from gatepost.errors import InvalidRequest, InvalidToken, OAuthError
from gatepost.model.records import Grant, User
from gatepost.model.sessions import Session, SignedInto
from gatepost.model.subject import Subject
from gatepost.oauth.parameters import Parameters
from gatepost.oauth.resource_indicators import Target, default_target, within_any
from gatepost.oidc.claims_request import ClaimsRequest
from gatepost.scope import OPENID, Scope
from gatepost.settings import Settings

if TYPE_CHECKING:
    from gatepost.stores.ports.feed import FeedReader

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_SIGN_IN = frozenset({"login", "select_account"})  # the sign-in page is where accounts are selected
LONGEST_NONCE = 500  # characters: the code's record keeps it


class RequestNotSupported(OAuthError):
    """The request is in a JWT (OpenID Connect Core §6.1)."""

    code = "request_not_supported"


class RequestURINotSupported(OAuthError):
    """The request is at a URL (OpenID Connect Core §6.2)."""

    code = "request_uri_not_supported"


def is_openid(scope: Scope, settings: Settings) -> bool:
    """Whether an ID token comes with this scope."""
    return OPENID in scope & settings.openid_scope


def checked_prompts(parameters: Mapping[str, str]) -> frozenset[str]:
    """Return the values of `prompt`.

    Raises InvalidRequest for a value or `max_age` that the server does not know, RequestNotSupported and
    RequestURINotSupported for a request by other means than parameters.
    """
    if "request" in parameters:
        raise RequestNotSupported("request is not supported: send the parameters directly")
    if "request_uri" in parameters:
        raise RequestURINotSupported("request_uri is not supported: send the parameters directly")
    prompts = frozenset(filter(None, parameters.get("prompt", "").split(" ")))
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise InvalidRequest("prompt must be none, or a combination of login, consent and select_account")
    if "max_age" in parameters and _seconds(parameters["max_age"]) is None:
        raise InvalidRequest("max_age must be a number of seconds")
    return prompts


class Demand(NamedTuple):
    """The sign-in that a request demands; malformed values demand nothing, for `checked_prompts` refuses them."""

    silent: bool  # prompt=none: nothing may be shown
    again: bool  # whoever is signed in
    max_age: int | None  # seconds since the sign-in
    hint: str | None  # an ID token of the user
    users: frozenset[str] | None  # the user must be one of these; None: any

    @classmethod
    def of(cls, query: Parameters) -> Demand:
        """Return the demand of a query."""
        prompts = (query.sole("prompt") or "").split()
        silent = "none" in prompts
        return cls(
            silent=silent,
            again=not silent and not _SIGN_IN.isdisjoint(prompts),
            max_age=_seconds(query.sole("max_age") or ""),
            hint=query.sole("id_token_hint"),
            users=_named_users(query),
        )

    @property
    def any(self) -> bool:
        """Whether a sign-in is demanded, under some condition."""
        return self.again or self.max_age is not None or self.hint is not None or self.users is not None

    def asks(self, session: Session, now: float) -> bool:
        """Whether the session is not enough, whoever its user is."""
        return self.again or (self.max_age is not None and now - signed_in_at(session) > self.max_age)

    def means(self, user: User, client_id: str, store: FeedReader, settings: Settings, now: float) -> bool:
        """Whether the user is among those who are named, and the hint is an ID token about them for the app."""
        if self.users is not None and user.user_id not in self.users:
            return False
        if self.hint is None or not settings.openid:
            return True
        from gatepost.oidc.id_token import subject_of

        try:
            return subject_of(self.hint, store.public_keys(), settings, client_id=client_id, now=now) == user.user_id
        except InvalidToken:
            return False


def _named_users(query: Parameters) -> frozenset[str] | None:
    if OPENID not in (query.sole("scope") or "").split():
        return None
    try:
        return ClaimsRequest.of(query.sole("claims") or "{}").users
    except InvalidRequest:
        return None


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def checked_nonce(parameters: Mapping[str, str]) -> str:
    """Return the nonce, "" if none was sent. Raises InvalidRequest if it is too long to be kept."""
    nonce = parameters.get("nonce", "")
    if len(nonce) > LONGEST_NONCE:
        raise InvalidRequest(f"nonce is longer than {LONGEST_NONCE} characters", reason="nonce is too long")
    return nonce


def sign_in_target(targets: Sequence[Target], scope: Scope, settings: Settings) -> tuple[Target, ...]:
    """Return the server itself as what the OpenID Connect part of a scope is for, if none of the APIs takes it."""
    part = scope & settings.openid_scope
    if part <= within_any(targets, part):
        return ()
    return (default_target(settings)._replace(scopes=part),)


def checked_claims(
    requested: Scope | None, parameters: Mapping[str, str], settings: Settings
) -> tuple[Scope | None, ClaimsRequest]:
    """Return the requested scope with those that give the requested claims, and the request for claims (Core §5.5).

    Without openid in the scope nothing is requested. Raises InvalidRequest and UnmetAuthenticationRequirements.
    """
    if requested is None or "claims" not in parameters or not is_openid(requested, settings):
        return requested, ClaimsRequest()
    claims = ClaimsRequest.of(parameters["claims"])
    claims.check_acr()
    return requested | claims.scope, claims


def id_token_facts(
    user: User, scope: Scope, nonce: str, claims: tuple[str, ...], session: Session | None, settings: Settings
) -> dict[str, Any]:
    """Return what code and grant keep for ID tokens, if the scope has openid, and of the user, if tokens state it."""
    if session is None or not is_openid(scope, settings):
        return {"subject": Subject.of(user)} if settings.keeps_subject else {}
    return {
        "nonce": nonce,
        "auth_time": int(signed_in_at(session)),
        "session_id": public_id(session),
        "claims": claims,
        "subject": Subject.of(user) if claims or settings.keeps_subject else None,
    }


def signed_into(grant: Grant, session: Session | None, now: float) -> SignedInto | None:
    """Return the session's sign-in to the app of a grant, None if no ID token comes with it."""
    if session is None or not grant.session_id:
        return None
    return SignedInto(
        user_id=session.user_id,
        session_id=grant.session_id,
        client_id=grant.client_id,
        first_at=int(now),
        last_at=int(now),
        ends_at=session.expires_at,
    )
