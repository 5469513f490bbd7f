"""Claims of a deployment's own: the user's groups under a name of its choice, and those of its `claims.py`.

Imported only where one of the two is set.
"""

from __future__ import annotations

from typing import Any, Literal

from gatepost.claims import TokenFacts, UserinfoFacts
from gatepost.model.records import App, User
from gatepost.model.subject import Subject
from gatepost.observability.log import note
from gatepost.scope import Scope
from gatepost.settings import Settings
from gatepost.tokens.claims_code import ClaimsFailed, Function, stated

Named = User | Subject
Kind = Literal["access_token", "id_token"]


def of_token(
    settings: Settings, kind: Kind, app: App, subject: Named | None, *, grant_type: str, scope: Scope, audience: str
) -> dict[str, object]:
    """Return the claims for one token; `subject` is None for a token of the app's own. Raises ClaimsFailed."""
    if not settings.custom_claims:
        return _groups(settings, subject)
    facts = TokenFacts(
        **_of_user(subject),
        client_id=app.identifier,
        scope=frozenset(scope),
        kind=kind,
        grant_type=grant_type,
        audience=audience,
        app_name=app.name,
    )
    return {**_stated(settings, "token_claims", facts), **_groups(settings, subject)}


def of_userinfo(settings: Settings, user: User, *, client_id: str, scope: Scope) -> dict[str, object]:
    """Return the claims for a response of the userinfo endpoint. Raises ClaimsFailed."""
    if not settings.custom_claims:
        return _groups(settings, user)
    facts = UserinfoFacts(**_of_user(user), client_id=client_id, scope=frozenset(scope))
    return {**_stated(settings, "userinfo_claims", facts), **_groups(settings, user)}


def _groups(settings: Settings, subject: Named | None) -> dict[str, object]:
    if not settings.groups_claim or subject is None or not subject.groups:
        return {}
    return {settings.groups_claim: list(subject.groups)}


def _of_user(subject: Named | None) -> dict[str, Any]:
    if subject is None:
        return {}
    return {
        "user_id": subject.user_id,
        "user_name": subject.user_name,
        "email": subject.email,
        "email_verified": subject.email_confirmed,
        "groups": subject.groups,
    }


def _stated(settings: Settings, function: Function, facts: TokenFacts | UserinfoFacts) -> dict[str, object]:
    try:
        return stated(function, facts, settings.groups_claim)
    except ClaimsFailed as error:
        known = {"function": function, "client_id": facts.client_id, "user_id": facts.user_id}
        note("claims.failed", {**known, "reason": error.reason, "detail": error.detail}, failed=True)
        raise
