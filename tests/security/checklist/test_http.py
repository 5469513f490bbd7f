"""The form of a request, headers, methods. Checklist J (S94 … S103)."""

import pytest
import requests

from gatepost.routes import (
    API_DOCUMENT,
    APPS_PAGE,
    AUTHORIZE,
    HOME,
    INTROSPECT,
    JWKS,
    LOGIN,
    LOGIN_PAGE,
    METADATA,
    REGISTERED_APP,
    REVOKE,
    TOKEN,
    USERINFO,
    WHOAMI,
)
from infra.local.deployment import Deployment
from tests.answers import FORM, PKCE, VERIFIER, assert_error, basic, post_form, redeem
from tests.browsing import Browser
from tests.people import CALLBACK, Client, Person, get

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


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_s97_only_post_reaches_the_endpoints_of_apps(
    deployment: Deployment, client: Client, person: Person, method: str
) -> None:
    code = client.code(person)
    token = client.token(grant_type="client_credentials").json()["access_token"]
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "token": token}

    for route in POSTED:
        for body, query in ((asked, {}), ({}, asked)):
            answer = requests.request(
                method,
                deployment.base_url + route.path,
                data=body,
                params=query,
                auth=client.auth,
                headers=FORM,
                timeout=30,
            )
            assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")

    assert client.introspect(token).json()["active"] is True
    assert redeem(client, code).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", TOKEN.path, "OPTIONS, POST"),
        ("DELETE", LOGIN.path, "GET, HEAD, OPTIONS, POST"),
        ("PATCH", "/consumer/app/x", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("POST", "/", "GET, HEAD, OPTIONS"),
        ("HEAD", AUTHORIZE.path, "GET, OPTIONS, POST"),
    ],
)
def test_s374_a_method_that_a_path_does_not_take_is_405_with_those_that_it_does(
    deployment: Deployment, method: str, path: str, allow: str
) -> None:
    answer = requests.request(method, deployment.base_url + path, timeout=30)

    assert (answer.status_code, answer.headers["Allow"]) == (405, allow)
    asked = requests.options(deployment.base_url + path, timeout=30)
    assert (asked.status_code, asked.headers.get("Allow", allow)) == (204, allow)


@pytest.mark.parametrize(
    "path",
    [METADATA.path, JWKS.path, LOGIN_PAGE.path, API_DOCUMENT.path, "/", APPS_PAGE.path, "/developer/apps/nobody"],
)
def test_s374_head_is_get_without_the_content(signed_in: Browser, path: str) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())
    got, head = (
        requests.request(
            method, signed_in.base_url + path, headers={"Cookie": cookies}, allow_redirects=False, timeout=30
        )
        for method in ("GET", "HEAD")
    )
    assert (head.status_code, head.content) == (got.status_code, b"")
    changing = {"date", "apigw-requestid", "set-cookie", "content-length", "content-security-policy"}
    assert {n: v for n, v in head.headers.items() if n.lower() not in changing} == {
        n: v for n, v in got.headers.items() if n.lower() not in changing
    }


def test_s374_a_protected_route_opens_to_head_as_to_get(deployment: Deployment, client: Client, person: Person) -> None:
    tokens = {scope: client.tokens(person, scope=scope)["access_token"] for scope in ("read", "write")}

    for path, scope, status in (
        ("/demo/read", "read", 200),
        ("/demo/read", "write", 403),
        (WHOAMI.path, "read", 200),
        (USERINFO.path, "read", 403),
    ):
        answer = requests.head(
            deployment.base_url + path, headers={"Authorization": f"Bearer {tokens[scope]}"}, timeout=30
        )
        assert answer.status_code == status, (path, scope)
    assert requests.head(deployment.base_url + WHOAMI.path, timeout=30).status_code == 401


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/authorization/token/", TOKEN.path),
        ("//Developer", HOME.path),
        ("/authorization/register/x/", REGISTERED_APP.path),
    ],
)
def test_s374_a_path_that_is_missed_by_a_slash_or_a_capital_is_named(
    deployment: Deployment, path: str, meant: str
) -> None:
    for method in ("GET", "POST"):
        said = requests.request(method, deployment.base_url + path, timeout=30)
        assert (said.status_code, said.json()) == (
            404,
            {"error": "not_found", "error_description": f"nothing is at this address; perhaps you meant {meant}"},
        )
    page = requests.get(deployment.base_url + path, headers={"Accept": "text/html"}, timeout=30)
    assert page.status_code == 404
    assert f"<code>{meant}</code>" in page.text


def test_s374_a_browser_is_shown_what_an_address_takes(deployment: Deployment) -> None:
    page = requests.get(deployment.base_url + TOKEN.path, headers={"Accept": "text/html"}, timeout=30)

    assert (page.status_code, page.headers["Allow"]) == (405, "OPTIONS, POST")
    assert "It accepts POST requests.\nOnly programs and forms send those." in page.text


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
