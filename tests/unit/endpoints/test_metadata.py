"""The server's metadata (S10, S88, S103)."""

from __future__ import annotations

import json

from gatepost.endpoints.metadata import document, jwk_set, openid_document
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
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "refresh_token", "password", "client_credentials", "implicit"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint": "https://id.example.test/authorization/revoke",
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint": "https://id.example.test/authorization/introspect",
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


def test_s103_the_document_of_openid_connect_adds_what_a_client_of_it_needs() -> None:
    openid = SETTINGS._replace(openid=True)
    found = openid_document(openid, MemoryStore())

    assert {name: value for name, value in found.items() if name not in document(openid)} == {
        "userinfo_endpoint": "https://id.example.test/authorization/userinfo",
        "end_session_endpoint": "https://id.example.test/authorization/logout",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "acr_values_supported": ["1"],
        "prompt_values_supported": ["consent", "login", "none", "select_account"],
        "claim_types_supported": ["normal"],
        "claims_supported": [
            *("acr", "amr", "at_hash", "aud", "auth_time", "email", "email_verified", "exp", "iat", "iss", "name"),
            *("nonce", "preferred_username", "sid", "sub"),
        ],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "backchannel_logout_supported": False,
        "backchannel_logout_session_supported": False,
    }
    assert found["scopes_supported"] == [*("admin", "email", "offline_access", "openid", "profile", "read", "write")]
    assert openid_document(SETTINGS, MemoryStore()) == document(SETTINGS)


def test_s103_back_channel_logout_is_offered_where_it_is_on() -> None:
    names = ("backchannel_logout_supported", "backchannel_logout_session_supported")
    on = openid_document(SETTINGS._replace(openid=True, backchannel_logout=True), MemoryStore())

    assert [on[name] for name in names] == [True, True]
    assert not {*names} & {*openid_document(SETTINGS._replace(backchannel_logout=True), MemoryStore())}


def test_s216_the_algorithm_of_id_tokens_is_listed_once_there_is_a_key_for_it() -> None:
    settings, store = SETTINGS._replace(openid=True, signed_userinfo=True, signing_algorithm="ES256"), MemoryStore()
    store.publish_key(PublicKey(kid="a", jwk=json.dumps({"alg": "ES256"})))
    assert openid_document(settings, store)["id_token_signing_alg_values_supported"] == ["ES256"]

    store.publish_key(PublicKey(kid="b", jwk=json.dumps({"alg": "RS256"})))
    found = openid_document(settings, store)
    assert found["id_token_signing_alg_values_supported"] == ["RS256", "ES256"]
    assert found["userinfo_signing_alg_values_supported"] == ["RS256", "ES256"]


def test_s103_and_not_what_the_deployment_switched_off() -> None:
    said = document(SETTINGS._replace(grant_implicit=False, grant_password=False))

    assert said["response_types_supported"] == ["code"]
    assert said["response_modes_supported"] == ["query", "fragment", "form_post"]
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

    assert document(SETTINGS._replace(resources=resources))["protected_resources"] == [
        "https://id.example.test/notes",
        "https://reports.example.test",
    ]
    assert "protected_resources" not in document(SETTINGS)
