"""OpenID Connect in an authorization request (Core §3.1.2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatepost.authentication.sessions import public_id, signed_in_at
from gatepost.clients.scopes import scope_for_user
from gatepost.errors import InvalidRequest
from gatepost.model.records import App, User
from gatepost.model.sessions import Session
from gatepost.oauth.resource_indicators import Target, default_target, within_any
from gatepost.scope import OPENID, Scope
from gatepost.settings import Settings

LONGEST_NONCE = 500  # characters: the code's record keeps it


def is_openid(scope: Scope, settings: Settings) -> bool:
    """Whether an ID token comes with this scope."""
    return OPENID in scope & settings.openid_scope


def allowed_by(app: App, user: User, targets: Sequence[Target], settings: Settings) -> Scope:
    """Return the most that the user may grant for the APIs, and of OpenID Connect, which is about no API."""
    allowed = scope_for_user(app, user.user_id, user.scope, settings)
    return within_any(targets, allowed) | (allowed & settings.openid_scope)


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


def id_token_facts(scope: Scope, nonce: str, session: Session | None, settings: Settings) -> dict[str, Any]:
    """Return what code and grant keep for ID tokens: nothing, unless the scope has openid."""
    if session is None or not is_openid(scope, settings):
        return {}
    return {"nonce": nonce, "auth_time": int(signed_in_at(session)), "session_id": public_id(session)}
