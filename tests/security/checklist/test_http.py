"""The form of a request, headers, repeated parameters, and the metadata (S94 to S103)."""

import pytest
import requests

from gatepost.routes import (
    INTROSPECT,
    REVOKE,
    TOKEN,
)
from infra.local.deployment import Deployment
from tests.answers import FORM, PKCE, VERIFIER, assert_error, basic, post_form, redeem
from tests.people import Client, Person, get

POSTED = (TOKEN, REVOKE, INTROSPECT)


@pytest.mark.parametrize("path", [route.path for route in POSTED])
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", '{"grant_type": "client_credentials", "token": "x"}'),
        ("application/json", "grant_type=client_credentials&token=x"),
        ("text/plain", "grant_type=client_credentials&token=x"),
        ("multipart/form-data; boundary=x", '--x\r\nContent-Disposition: form-data; name="token"\r\n\r\nx\r\n--x--'),
        ("application/xml", "<token>x</token>"),
        ("", "grant_type=client_credentials&token=x"),
        ("application/x-www-form-urlencoded, application/json", "grant_type=client_credentials&token=x"),
        ("application/json, application/x-www-form-urlencoded", "grant_type=client_credentials&token=x"),
        ("application/x-www-form-urlencodedx", "grant_type=client_credentials&token=x"),
    ],
)
def test_s94_a_body_of_another_type_is_refused(
    deployment: Deployment, client: Client, path: str, content_type: str, body: str
) -> None:
    answer = requests.post(
        deployment.base_url + path, data=body, auth=client.auth, headers={"Content-Type": content_type}, timeout=30
    )

    assert_error(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded; charset=utf-8",
        "application/x-www-form-urlencoded;charset=UTF-8",
        "APPLICATION/X-WWW-FORM-URLENCODED",
    ],
)
def test_s94_the_type_of_a_form_may_be_written_in_any_case_and_with_a_charset(
    deployment: Deployment, client: Client, content_type: str
) -> None:
    header = basic(client.app.client_id, client.secret)

    answer = post_form(
        deployment, "grant_type=client_credentials", Authorization=header, **{"Content-Type": content_type}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"grant_type=client_credentials&x=\xff", "invalid_request"),
        (b"grant_type=client_credentials&x=\xc3\xa9", "invalid_request"),
        (b"grant_type=client_credentials&x=%ff", "invalid_request"),
        (b"grant_type=client_credentials&x=%C0%80", "invalid_request"),
        (b"grant_type=client_credentials&x=%E0%80%80", "invalid_request"),
        (b"grant_type=client_credentials&x=%ED%A0%80", "invalid_request"),
        (b"grant_type=client_credentials&%ff=x", "invalid_request"),
        (b"grant_type=client_credentials&scope=%00", "invalid_request"),
        (b"grant_type=client_credentials&x=a%0d%0ab", "invalid_request"),
        (b"grant_type=client_credentials&scope=%zz", "invalid_scope"),
        (b"grant_type=%zz", "unsupported_grant_type"),
        (b"grant_type=client_credentials;scope=read", "unsupported_grant_type"),
        (b"grant_type[]=client_credentials", "invalid_request"),
        (b"GRANT_TYPE=client_credentials", "invalid_request"),
        (b"\xef\xbb\xbfgrant_type=client_credentials", "invalid_request"),
        (b"%EF%BB%BFgrant_type=client_credentials", "invalid_request"),
        (b"=client_credentials", "invalid_request"),
        (b"&&&", "invalid_request"),
        (b"", "invalid_request"),
    ],
)
def test_s96_a_malformed_body_is_an_error_of_the_client(
    deployment: Deployment, client: Client, body: bytes, error: str
) -> None:
    answer = post_form(deployment, body, Authorization=basic(client.app.client_id, client.secret))

    assert_error(answer, 400, error)


def test_s99_answers_of_tokens_are_json_and_kept_by_nobody(client: Client, person: Person) -> None:
    tokens = redeem(client, client.code(person, **PKCE), code_verifier=VERIFIER)
    refreshed = client.refresh(tokens.json()["refresh_token"])
    own = client.token(grant_type="client_credentials")
    token = own.json()["access_token"]
    for answer in (tokens, refreshed, own, client.introspect(token), client.introspect("x"), client.revoke(token)):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answer.headers


def test_s99_no_value_is_issued_twice(client: Client, person: Person) -> None:
    values: list[str] = []
    for _ in range(6):
        values.append(client.code(person))
        values += [value for name, value in client.tokens(person).items() if name.endswith("token")]

    assert len(set(values)) == len(values)
    assert min(map(len, values)) >= 22


@pytest.mark.parametrize(
    "name",
    [
        "grant_type",
        "client_id",
        "client_secret",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "scope",
        "username",
        "password",
    ],
)
def test_s102_a_parameter_sent_twice_is_an_invalid_request(deployment: Deployment, client: Client, name: str) -> None:
    header = {"Authorization": basic(client.app.client_id, client.secret)} if name != "client_secret" else {}
    once = {"grant_type": "client_credentials", "client_id": client.app.client_id, "scope": "read"}
    once.setdefault(name, client.secret if name == "client_secret" else "x")
    body = "&".join(f"{key}={value}" for key, value in once.items())

    assert_error(post_form(deployment, f"{body}&{name}={once[name]}", **header), 400, "invalid_request")


@pytest.mark.parametrize("name", ["token", "token_type_hint", "client_id"])
def test_s102_so_it_is_where_tokens_are_looked_at(deployment: Deployment, client: Client, name: str) -> None:
    body = f"token=x&token_type_hint=x&client_id={client.app.client_id}&{name}=x"
    for route in (REVOKE, INTROSPECT):
        answer = requests.post(deployment.base_url + route.path, data=body, headers=FORM, auth=client.auth, timeout=30)
        assert_error(answer, 400, "invalid_request")


def test_s102_a_comma_joins_nothing(client: Client, person: Person) -> None:
    assert_error(client.token(grant_type="client_credentials,client_credentials"), 400, "unsupported_grant_type")
    code = client.code(person)
    assert_error(redeem(client, f"{code},{code}"))
    assert redeem(client, code).status_code == 200


def test_s103_the_metadata_tells_the_truth(deployment: Deployment) -> None:
    found = get(deployment, "/.well-known/oauth-authorization-server", None).json()
    openid = get(deployment, "/.well-known/openid-configuration", None).json()
    assert {name: openid[name] for name in found} == found
    base = deployment.base_url

    assert found == {
        "issuer": base,
        "authorization_endpoint": f"{base}/developer/auth",
        "token_endpoint": f"{base}/authorization/token",
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "registration_endpoint": f"{base}/authorization/register",
        "scopes_supported": [
            *("consumer", "consumer.account", "consumer.apps", "consumer.grants"),
            *("email", "offline_access", "openid", "profile", "read", "write"),
        ],
        "response_types_supported": ["code", "token"],
        "response_modes_supported": ["query", "fragment", "form_post"],
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
        "client_id_metadata_document_supported": True,
        "protected_resources": [f"{deployment.base_url}/demo/notes"],
    }
