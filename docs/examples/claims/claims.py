"""Roles from groups in every token, and the confirmed address for APIs where the app has the scope email."""

from gatepost.claims import TokenFacts, UserinfoFacts

ROLES = {"staff": ("viewer",), "editors": ("viewer", "editor"), "board": ("viewer", "approver")}


def token_claims(facts: TokenFacts) -> dict[str, object]:
    """Return the claims of an access token or ID token; `user_id` is "" for a token of the app's own."""
    if not facts.user_id:
        return {"roles": ["service"]}
    claims: dict[str, object] = {"roles": roles_of(facts.groups)}
    if facts.kind == "access_token" and "email" in facts.scope and facts.email_verified:
        claims |= {"email": facts.email, "email_verified": True}
    return claims


def userinfo_claims(facts: UserinfoFacts) -> dict[str, object]:
    """Return the claims beside those of the scopes."""
    return {"roles": roles_of(facts.groups)}


def roles_of(groups: tuple[str, ...]) -> list[str]:
    """Return the roles of any of the groups, each once."""
    return sorted({role for group in groups for role in ROLES.get(group, ())})
