"""The form of a request, headers, methods. Checklist J (S94 … S102)."""

from typing import Any

import pytest
import requests

from gatepost.routes import INTROSPECT, REVOKE, TOKEN
from infra.local.deployment import Deployment
from tests.answers import assert_error, basic, post_form
from tests.people import Client, Person, get, opens


def test_s94_a_body_of_another_type_is_refused(deployment: Deployment, client: Client) -> None:
    header = basic(client.app.client_id, client.secret)
    body = "grant_type=client_credentials"
    for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=x", "application/xml", ""):
        answer = post_form(deployment, body, Authorization=header, **{"Content-Type": content_type})
        assert_error(answer, 400, "invalid_request")
    for content_type in ("application/x-www-form-urlencoded; charset=utf-8", "APPLICATION/X-WWW-FORM-URLENCODED"):
        answer = post_form(deployment, body, Authorization=header, **{"Content-Type": content_type})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"grant_type=client_credentials&x=\xff",
        b"grant_type=client_credentials&x=%ff",
        b"grant_type=client_credentials&x=%C0%80",
        b"grant_type=client_credentials&x=%ED%A0%80",
        b"grant_type=client_credentials&scope=%00",
        b"grant_type=client_credentials;scope=read",
        b"grant_type[]=client_credentials",
        b"\xef\xbb\xbfgrant_type=client_credentials",
        b"",
    ],
)
def test_s96_a_malformed_body_is_an_invalid_request(deployment: Deployment, client: Client, body: bytes) -> None:
    answer = post_form(deployment, body, Authorization=basic(client.app.client_id, client.secret))

    assert_error(answer, 400, "invalid_request", "unsupported_grant_type")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_s97_only_post_reaches_the_token_endpoint(deployment: Deployment, client: Client, method: str) -> None:
    answer = requests.request(
        method,
        deployment.base_url + TOKEN.path,
        data={"grant_type": "client_credentials"},
        auth=client.auth,
        timeout=30,
    )

    assert answer.status_code == 404


def test_s99_no_value_is_issued_twice(client: Client, person: Person) -> None:
    values: list[str] = []
    for _ in range(6):
        values.append(client.code(person))
        values += [value for name, value in client.tokens(person).items() if name.endswith("token")]

    assert len(set(values)) == len(values)
    assert min(map(len, values)) >= 22


def test_s100_a_foreign_origin_gets_no_cors_headers(deployment: Deployment, client: Client) -> None:
    for origin in ("https://evil.test", "null"):
        answer = requests.post(
            deployment.base_url + TOKEN.path,
            data={"grant_type": "client_credentials"},
            auth=client.auth,
            headers={"Origin": origin},
            timeout=30,
        )
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "scope", "client_id", "resource"])
def test_s102_a_parameter_sent_twice_is_an_invalid_request(deployment: Deployment, client: Client, name: str) -> None:
    values: dict[str, Any] = {"grant_type": "client_credentials", "client_id": client.app.client_id}
    pairs = [*values.items(), (name, "x"), (name, "x")]
    body = "&".join(f"{key}={value}" for key, value in pairs)

    answer = post_form(deployment, body, Authorization=basic(client.app.client_id, client.secret))

    assert_error(answer, 400, "invalid_request")


def test_s98_the_issuer_never_comes_from_a_header(deployment: Deployment, client: Client) -> None:
    forged = {
        "Host": "evil.example.test",
        "X-Forwarded-Host": "evil.example.test",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example.test",
        "X-Original-URL": "/evil",
    }
    answer = requests.post(
        deployment.base_url + TOKEN.path,
        data={"grant_type": "client_credentials"},
        auth=client.auth,
        headers=forged,
        timeout=30,
    )

    assert opens(deployment, answer.json()["access_token"])
    metadata = get(deployment, "/.well-known/oauth-authorization-server", None)
    assert metadata.json()["issuer"] == deployment.base_url


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_s97_other_methods_do_nothing(deployment: Deployment, client: Client, method: str) -> None:
    for path in (REVOKE.path, INTROSPECT.path):
        url = f"{deployment.base_url}{path}?token=x"
        assert requests.request(method, url, auth=client.auth, timeout=30).status_code == 404


def test_s103_the_metadata_tells_the_truth(deployment: Deployment) -> None:
    found = get(deployment, "/.well-known/oauth-authorization-server", None).json()
    base = deployment.base_url

    assert found == {
        "issuer": base,
        "authorization_endpoint": f"{base}/developer/auth",
        "token_endpoint": f"{base}/authorization/token",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "scopes_supported": ["consumer", "consumer.account", "consumer.apps", "consumer.grants", "read", "write"],
        "response_types_supported": ["code", "token"],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": [
            "authorization_code",
            "refresh_token",
            "password",
            "client_credentials",
            "implicit",
        ],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint": f"{base}/authorization/revoke",
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint": f"{base}/authorization/introspect",
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
