"""Parameters that the server ignores, as it has to (RFC 6749 §3.1, §3.2), and what to say of them to a developer."""

from __future__ import annotations

from collections.abc import Mapping

from gatepost.errors import InvalidScope, InvalidTarget

AUDIENCE = "audience"  # of other servers; here it is `resource` (RFC 8707)
_RESOURCE = "resource"

# What the authorization endpoint reads, or ignores because OpenID Connect Core §3.1.2.1 lets a server do so.
OF_AUTHORIZATION = frozenset({
    "response_type", "client_id", "redirect_uri", "scope", "state", "response_mode", "nonce", "display", "prompt",
    "max_age", "ui_locales", "claims_locales", "id_token_hint", "login_hint", "acr_values", "claims", "registration",
    "request", "request_uri", "code_challenge", "code_challenge_method", "resource", "login_demanded_at",
})  # fmt: skip


def hint(error: InvalidScope | InvalidTarget, parameters: Mapping[str, str]) -> None:
    """Add to the description of a refused scope or resource what else the request may have got wrong."""
    if AUDIENCE in parameters and _RESOURCE not in parameters:
        error.description += ". audience is ignored: name the API in resource (RFC 8707)"
    if "," in parameters.get("scope", ""):
        error.description += ". Separate scopes by spaces, not by commas"
