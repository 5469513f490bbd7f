"""The part of the provider metadata (OpenID Connect Discovery §3) that the server metadata of OAuth do not have."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatepost.oidc.authorization_request import PROMPTS
from gatepost.oidc.user_claims import ACR, CLAIMS
from gatepost.routes import OPENID_LOGOUT, USERINFO
from gatepost.settings import ID_TOKEN_ALGORITHMS, Settings

if TYPE_CHECKING:
    from gatepost.stores.ports.feed import FeedStore

ID_TOKEN_CLAIMS = ("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "at_hash")


def provider_members(settings: Settings, store: FeedStore) -> dict[str, object]:
    """Return what the provider metadata have beside those of OAuth; nothing without OpenID Connect."""
    if not settings.openid:
        return {}
    algorithms = _id_token_algorithms(settings, store)
    return {
        "userinfo_endpoint": settings.issuer + USERINFO.path,
        "end_session_endpoint": settings.issuer + OPENID_LOGOUT.path,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        **({"userinfo_signing_alg_values_supported": algorithms} if settings.signs_userinfo else {}),
        "acr_values_supported": [ACR],
        "prompt_values_supported": sorted(PROMPTS),
        "claim_types_supported": ["normal"],
        "claims_supported": sorted({*ID_TOKEN_CLAIMS, *CLAIMS, *filter(None, (settings.groups_claim,))}),
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,  # true if it were left out
        "backchannel_logout_supported": settings.tells_of_logouts,
        "backchannel_logout_session_supported": settings.tells_of_logouts,
    }


def _id_token_algorithms(settings: Settings, store: FeedStore) -> list[str]:
    """Return those that there are keys for: a secret of an older release has one, until its next rotation."""
    there = {settings.signing_algorithm, *(json.loads(key.jwk)["alg"] for key in store.public_keys())}
    return [alg for alg in ID_TOKEN_ALGORITHMS if alg in there]
