"""The server metadata (RFC 8414) and the JWK Set (RFC 7517)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatepost.grants import offered_grant_types, offered_response_modes, offered_response_types
from gatepost.oauth import pkce
from gatepost.oauth.client_authentication import METHODS, methods_of
from gatepost.oauth.resource_indicators import configured_targets
from gatepost.oidc.discovery import provider_members
from gatepost.resource import BELOW
from gatepost.routes import AUTHORIZE, INTROSPECT, JWKS, REGISTER_APP, REVOKE, TOKEN
from gatepost.settings import CLOSED, Settings

if TYPE_CHECKING:
    from gatepost.stores.ports.feed import FeedStore


def document(settings: Settings, **more: object) -> dict[str, object]:
    """Return the authorization server metadata (RFC 8414 §2) and `more`; it lists only what the deployment offers."""
    resources = [each.audience for each in configured_targets(settings) if each.resource and BELOW not in each.audience]
    return {
        "issuer": settings.issuer,
        "authorization_endpoint": settings.issuer + AUTHORIZE.path,
        "token_endpoint": settings.issuer + TOKEN.path,
        "jwks_uri": settings.issuer + JWKS.path,
        "scopes_supported": sorted(settings.scope),
        "response_types_supported": list(offered_response_types(settings)),
        "response_modes_supported": list(offered_response_modes(settings)),
        "grant_types_supported": list(offered_grant_types(settings)),
        "token_endpoint_auth_methods_supported": list(METHODS),
        "revocation_endpoint": settings.issuer + REVOKE.path,
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "introspection_endpoint": settings.issuer + INTROSPECT.path,
        "introspection_endpoint_auth_methods_supported": methods_of(confidential=True),
        "code_challenge_methods_supported": list(pkce.METHODS),
        "authorization_response_iss_parameter_supported": True,
        **({"client_id_metadata_document_supported": True} if settings.takes_documents else {}),
        **(
            {"registration_endpoint": settings.issuer + REGISTER_APP.path}
            if settings.dynamic_registration != CLOSED
            else {}
        ),
        **more,
        **({"protected_resources": sorted(resources)} if resources else {}),  # RFC 9728 §4; a prefix names none
    }


def openid_document(settings: Settings, store: FeedStore, **more: object) -> dict[str, object]:
    """Return the provider metadata (OpenID Connect Discovery §3); the same as `document` without OpenID Connect."""
    return {**document(settings, **more), **provider_members(settings, store)}


def jwk_set(store: FeedStore, now: float) -> dict[str, object]:
    """Return every key that a valid token may be signed with, and the next one before it is used."""
    found = store.public_keys()
    living = sorted((key for key in found if key.stands(now)), key=lambda key: key.kid)
    return {"keys": [json.loads(key.jwk) for key in living]}
