"""The server's metadata (S10, S88, S103)."""

from __future__ import annotations

import json
from dataclasses import replace

from gatepost.endpoints.metadata import document, jwk_set
from gatepost.model.feed import PublicKey
from gatepost.resource import Resource
from tests.fakes import MemoryStore
from tests.unit.world import NOW, SETTINGS


def test_s103_the_metadata_lists_what_a_client_can_get() -> None:
    assert document(SETTINGS) == {
        "issuer": "https://id.example.test",
        "authorization_endpoint": "https://id.example.test/developer/auth",
        "token_endpoint": "https://id.example.test/authorization/token",
        "jwks_uri": "https://id.example.test/.well-known/jwks.json",
        "scopes_supported": ["admin", "read", "write"],
        "response_types_supported": ["code", "token"],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": ["authorization_code", "refresh_token", "password", "client_credentials", "implicit"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint": "https://id.example.test/authorization/revoke",
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint": "https://id.example.test/authorization/introspect",
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


def test_s103_and_not_what_the_deployment_switched_off() -> None:
    said = document(replace(SETTINGS, grant_implicit=False, grant_password=False))

    assert said["response_types_supported"] == ["code"]
    assert said["response_modes_supported"] == ["query", "fragment"]
    assert said["grant_types_supported"] == ["authorization_code", "refresh_token", "client_credentials"]


def test_s88_the_jwk_set_holds_the_keys_that_a_living_token_may_name() -> None:
    store = MemoryStore()
    for kid, end in (("current", 0), ("coming", 0), ("old", NOW + 1), ("over", NOW)):
        store.publish_key(PublicKey(kid=kid, jwk=json.dumps({"kty": "EC", "kid": kid}), expires_at=end))

    assert jwk_set(store, NOW) == {
        "keys": [{"kty": "EC", "kid": "coming"}, {"kty": "EC", "kid": "current"}, {"kty": "EC", "kid": "old"}]
    }


def test_s114_without_keys_the_jwk_set_is_empty() -> None:
    assert jwk_set(MemoryStore(), NOW) == {"keys": []}


def test_the_metadata_lists_the_resources_that_a_token_can_be_for() -> None:
    resources = {
        "https://reports.example.test": Resource("Reports", {"read": ""}, {}),
        "https://tools.example.test/*": Resource("Tools", {"read": ""}, {}),
        "/notes": Resource("Notes", {"read": ""}, {}),
    }

    assert document(replace(SETTINGS, resources=resources))["protected_resources"] == [
        "https://id.example.test/notes",
        "https://reports.example.test",
    ]
    assert "protected_resources" not in document(SETTINGS)
