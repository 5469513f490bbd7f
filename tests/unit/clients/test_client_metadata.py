"""The metadata of registrations (RFC 7591 §2): what is taken, what is left out, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.client_metadata import InvalidClientMetadata, InvalidRedirectURI, checked_metadata
from gatepost.scope import Scope
from gatepost.settings import OPEN
from tests.unit.world import CALLBACK, SETTINGS

OPENED = SETTINGS._replace(
    client_credentials_scopes={"read": OPEN},
    openid=True,
    signed_userinfo=True,
    restricted_scopes=Scope.of("admin"),
)
LEAST = {"redirect_uris": [CALLBACK]}
JOB = {"grant_types": ["client_credentials"]}
CODE = ("authorization_code",)


@pytest.mark.parametrize(
    ("sent", "field", "kept"),
    [
        (LEAST, "grant_types", CODE),
        (LEAST, "auth_method", "client_secret_basic"),
        (LEAST, "name", "client.example.test"),
        (LEAST, "default_scope", Scope()),
        (LEAST, "kept", {}),
        ({**LEAST, "token_endpoint_auth_method": None}, "auth_method", "client_secret_basic"),
        ({**LEAST, "token_endpoint_auth_method": "none"}, "auth_method", "none"),
        ({**LEAST, "token_endpoint_auth_method": "client_secret_post"}, "auth_method", "client_secret_post"),
        ({**LEAST, "grant_types": ["refresh_token", "authorization_code"]}, "grant_types", (*CODE, "refresh_token")),
        # VS Code asks for codes of devices as well
        ({**LEAST, "grant_types": [*CODE, *CODE, "urn:ietf:params:oauth:grant-type:device_code"]}, "grant_types", CODE),
        (JOB, "grant_types", ("client_credentials",)),
        (LEAST, "confidential", True),
        ({**LEAST, "token_endpoint_auth_method": "none"}, "confidential", False),
        (JOB, "name", "Unnamed app"),
        ({**JOB, "response_types": []}, "redirect_uris", ()),
        ({**LEAST, "client_name": "  Caf\u0065\u0301   of\tyours "}, "name", "Café ofyours"),
        ({**LEAST, "client_name": "Pay\u202eLaP\u200b"}, "name", "PayLaP"),
        ({**LEAST, "client_name": "\u200b \x00"}, "name", "client.example.test"),
        ({**LEAST, "client_name": "x" * 61}, "name", "x" * 60),
        ({"redirect_uris": ["com.example.app:/cb"]}, "name", "Unnamed app"),
        ({"redirect_uris": ["http://127.0.0.1:3000/cb"]}, "name", "127.0.0.1"),
        ({**LEAST, "client_uri": "https://client.example.test/about"}, "url", "https://client.example.test/about"),
        ({**LEAST, "scope": "read write nothing-here"}, "default_scope", Scope.of("read", "write")),
        ({**LEAST, "scope": "read admin"}, "default_scope", Scope.of("read")),
        ({**LEAST, "scope": "openid offline_access"}, "default_scope", Scope.of("openid", "offline_access")),
        ({**LEAST, "application_type": "native"}, "kept", {"application_type": "native"}),
        (
            {**LEAST, "software_id": "s", "software_version": "1", "contacts": ["a@b.example"]},
            "kept",
            {"software_id": "s", "software_version": "1", "contacts": ["a@b.example"]},
        ),
        (
            {**LEAST, "logo_uri": "http://10.0.0.1/", "jwks_uri": "x", "jwks": 1, "client_name#de": 7, "owner": "me"},
            "kept",
            {},
        ),
    ],
)
def test_s225_what_is_kept_of_a_registration(sent: dict[str, Any], field: str, kept: object) -> None:
    assert getattr(checked_metadata(sent, OPENED), field) == kept


def test_the_fields_of_openid_connect_are_kept() -> None:
    openid = {
        "post_logout_redirect_uris": ["https://client.example.test/bye"],
        "backchannel_logout_uri": "https://client.example.test/logout",
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "RS256",
    }

    kept = checked_metadata({**LEAST, **openid}, OPENED).openid.kept()

    assert kept == {**openid, "post_logout_redirect_uris": ("https://client.example.test/bye",)}


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"grant_types": ["password"]}, "never gets password"),
        ({"grant_types": ["authorization_code", "implicit"]}, "never gets implicit"),
        ({"grant_types": []}, "grant_types: one of authorization_code, refresh_token, client_credentials"),
        ({"grant_types": ["refresh_token", "client_credentials"]}, "refresh_token needs authorization_code"),
        ({"grant_types": "authorization_code"}, "grant_types must be a list of texts"),
        ({**JOB, "token_endpoint_auth_method": "none"}, "client_credentials needs a secret"),
        ({"response_types": ["token"]}, "response_types must be code"),
        ({"response_types": ["code", "none"]}, "response_types must be code"),
        ({"response_types": "code"}, "response_types must be a list of texts"),
        ({**JOB, "response_types": ["code"]}, "code needs authorization_code"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "token_endpoint_auth_method must be"),
        ({"token_endpoint_auth_method": ["none"]}, "token_endpoint_auth_method must be a text"),
        ({"client_name": 1}, "client_name must be a text"),
        ({"client_uri": "javascript:alert(1)"}, "client_uri must start with https://"),
        ({"client_uri": {}}, "client_uri must be a text"),
        ({"scope": ["read"]}, "scope must be a text"),
        ({"scope": 'a"b'}, "scope holds a character"),
        ({"application_type": "browser"}, "application_type must be web or native"),
        ({"software_id": "x" * 201}, "software_id must be a text of up to 200"),
        ({"software_version": "1\u202e"}, "software_version must be a text of up to 200"),
        ({"contacts": "a@b.example"}, "contacts must be a list of texts"),
        ({"contacts": ["a@b.example"] * 11}, "contacts must be at most 10"),
        ({"contacts": ["x" * 201]}, "contacts must be at most 10"),
        ({"contacts": ["a\x00"]}, "contacts must be at most 10"),
        ({"post_logout_redirect_uris": ["http://client.example.test/"]}, "sign-out redirect URI 1 must use https"),
        ({"post_logout_redirect_uris": "x"}, "post_logout_redirect_uris must be a list of texts"),
        ({"backchannel_logout_uri": ["x"]}, "backchannel_logout_uri must be a text"),
        ({"backchannel_logout_uri": "http://10.0.0.1/"}, "the back-channel logout URI must use https"),
        ({"id_token_signed_response_alg": "none"}, "the algorithm must be RS256 or ES256"),
        # redirect URIs, whose rules are those of oauth.redirect_uris
        ({"redirect_uris": []}, "redirect_uris: at least one is needed with authorization_code"),
        ({"redirect_uris": CALLBACK}, "redirect_uris must be a list of texts"),
        ({"redirect_uris": [1]}, "redirect_uris must be a list of texts"),
        ({"redirect_uris": [f"{CALLBACK}{n}" for n in range(11)]}, "there must be at most 10 redirect URIs"),
        ({"redirect_uris": [CALLBACK, CALLBACK]}, "a redirect URI must not be there twice"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "must use https"),
        ({**JOB, "redirect_uris": ["data:text/html,x"]}, "must use https"),
    ],
)
def test_s225_bad_metadata(sent: dict[str, Any], said: str) -> None:
    with pytest.raises((InvalidClientMetadata, InvalidRedirectURI)) as refused:
        checked_metadata({**LEAST, **sent}, OPENED)
    assert said in refused.value.description
    code = "invalid_redirect_uri" if "redirect_uris" in sent else "invalid_client_metadata"
    assert (refused.value.code, refused.value.status) == (code, 400)


def test_s225_without_an_open_scope_no_app_gets_tokens_for_itself() -> None:
    with pytest.raises(InvalidClientMetadata, match="this server opens no scope to others"):
        checked_metadata(JOB, SETTINGS)
    assert checked_metadata(LEAST, SETTINGS).grant_types == CODE


def test_s225_as_much_as_is_allowed_is_taken() -> None:
    sent = {
        "redirect_uris": [f"{CALLBACK}{n}" for n in range(10)],
        "contacts": ["x" * 200] * 10,
        "software_id": "x" * 200,
    }

    assert len(checked_metadata(sent, OPENED).redirect_uris) == 10
