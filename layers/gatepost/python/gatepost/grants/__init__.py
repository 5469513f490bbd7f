"""The grants, one file each: `GRANTS` at the token endpoint, `RESPONSES` at the authorization endpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import ModuleType

from gatepost.errors import InvalidRequest, InvalidScope, InvalidTarget, UnsupportedGrantType
from gatepost.grants import authorization_code, client_credentials, implicit, password, refresh_token
from gatepost.grants.token_response import TokenAnswer
from gatepost.oauth.client_authentication import Credentials
from gatepost.oauth.ignored_parameters import hint
from gatepost.oauth.server import Server
from gatepost.quoting import quoted, sendable
from gatepost.settings import Settings

Exchange = Callable[[Server, Mapping[str, str], Credentials, float], TokenAnswer]

GRANTS: Mapping[str, ModuleType] = {
    grant.GRANT_TYPE: grant for grant in (authorization_code, refresh_token, password, client_credentials)
}
# What the token endpoint reads, for any grant; it ignores everything else.
PARAMETERS = frozenset(
    ("grant_type", "client_id", "client_secret", *(name for grant in GRANTS.values() for name in grant.PARAMETERS))
)
RESPONSES: Mapping[str, ModuleType] = {grant.RESPONSE_TYPE: grant for grant in (authorization_code, implicit)}

# The grants of apps in browsers. With another one a page could make its visitors guess passwords and read the result.
_OF_BROWSERS = (authorization_code.GRANT_TYPE, refresh_token.GRANT_TYPE)


def exchange(server: Server, parameters: Mapping[str, str], credentials: Credentials, now: float) -> TokenAnswer:
    """Return the token endpoint's response for any grant type that the server offers (RFC 6749 §4).

    Raises an OAuthError; each grant lists its own.
    """
    grant_type = parameters.get("grant_type")
    if grant_type is None:
        raise InvalidRequest("grant_type is missing")
    if grant_type not in GRANTS or not is_offered(grant_type, server.settings):
        raise UnsupportedGrantType(
            f"grant_type is not supported: {sendable(grant_type)}",
            reason="grant_type is not supported",
            detail=quoted(grant_type),
        )
    run: Exchange = GRANTS[grant_type].exchange
    try:
        return run(server, parameters, credentials, now)
    except (InvalidScope, InvalidTarget) as error:
        hint(error, parameters)
        raise


def is_readable_anywhere(grant_type: str) -> bool:
    """Whether scripts of any origin may read the response: to a grant for browsers, or to a type that is none."""
    return grant_type in _OF_BROWSERS or grant_type not in GRANTS


def offered_grant_types(settings: Settings) -> tuple[str, ...]:
    """Return the grant types of this deployment, including `implicit` (RFC 8414 §2, `grant_types_supported`)."""
    names = (*GRANTS, implicit.GRANT_TYPE)
    return tuple(name for name in names if is_offered(name, settings))


def offered_response_types(settings: Settings) -> tuple[str, ...]:
    """Return the response types of this deployment (RFC 8414 §2, `response_types_supported`)."""
    return tuple(name for name, grant in RESPONSES.items() if is_offered(grant.GRANT_TYPE, settings))


def offered_response_modes(settings: Settings) -> tuple[str, ...]:
    """Return the response modes of this deployment (RFC 8414 §2, `response_modes_supported`)."""
    modes = (mode for name in offered_response_types(settings) for mode in RESPONSES[name].RESPONSE_MODES)
    return tuple(dict.fromkeys(modes))


def is_offered(grant_type: str, settings: Settings) -> bool:
    """Whether the deployment has the grant type enabled."""
    switches = {password.GRANT_TYPE: settings.grant_password, implicit.GRANT_TYPE: settings.grant_implicit}
    return switches.get(grant_type, True)
