"""GET /developer/auth: the request's parameters. Checklist A (S06, S08 … S21)."""

import re
import time
from urllib.parse import urlsplit

import pytest
import requests

from gatepost.clients.lifecycle import delete_app
from gatepost.routes import LOGIN_PAGE
from infra.local.deployment import Deployment
from tests.answers import assert_page, assert_sent_back
from tests.browsing import Browser, answer_of
from tests.people import Client, Person, get, new_client, stops


@pytest.mark.parametrize(
    ("grant_types", "response_type", "error"),
    [
        (["authorization_code"], None, "invalid_request"),
        (["authorization_code"], "", "invalid_request"),
        (["authorization_code"], "id_token", "unsupported_response_type"),
        (["authorization_code"], "Code", "unsupported_response_type"),
        (["authorization_code"], "code ", "unsupported_response_type"),
        (["authorization_code"], "code code", "unsupported_response_type"),
        (["authorization_code"], "code token", "unsupported_response_type"),
        (["authorization_code"], "__proto__", "unsupported_response_type"),
        (["authorization_code"], "token", "unauthorized_client"),
        (["implicit"], "code", "unauthorized_client"),
    ],
)
def test_s06_a_response_type_that_cannot_be_had_goes_back_as_an_error(
    signed_in: Browser,
    deployment: Deployment,
    person: Person,
    grant_types: list[str],
    response_type: str | None,
    error: str,
) -> None:
    client = new_client(deployment, person, grant_types=grant_types)

    answer = signed_in.get(client.authorize_path(response_type=response_type))

    assert_sent_back(answer, error, issuer=deployment.base_url)


@pytest.mark.parametrize(
    ("scope", "error"),
    [
        ("admin", "invalid_scope"),
        ("consumer", "invalid_scope"),
        ("READ", "invalid_scope"),
        ('read"', "invalid_scope"),
        ("read\\", "invalid_scope"),
        ("r\u00e9ad", "invalid_scope"),
        ("re\u00a0ad", "invalid_scope"),
        ("<b>", "invalid_scope"),
        ("x" * 2000, "invalid_scope"),
        ("read\0", "invalid_request"),
        ("re\tad", "invalid_request"),
        ("re\nad", "invalid_request"),
        ("read\x7f", "invalid_request"),
    ],
)
def test_s08_a_scope_of_which_nothing_can_be_granted_goes_back_as_an_error(
    signed_in: Browser, deployment: Deployment, client: Client, scope: str, error: str
) -> None:
    assert_sent_back(signed_in.get(client.authorize_path(scope=scope)), error, issuer=deployment.base_url)


def test_s08_a_scope_beyond_the_app_is_narrowed_and_said_in_the_token_answer(client: Client, person: Person) -> None:
    assert client.tokens(person, scope="read,consumer")["scope"] == "read"


@pytest.mark.parametrize(
    "state",
    [
        "abc-._~",
        "YWJj+/==",
        "https://client.example.test/?a=b&c=d#e",
        "with spaces",
        "%zz",
        "%2520",
        '{"a":"b"}',
        "'\"<>",
        "grüße ✓",
        ";,:",
        "x" * 1500,
    ],
)
def test_s09_state_comes_back_byte_for_byte(signed_in: Browser, client: Client, state: str) -> None:
    page = signed_in.get(client.authorize_path(state=state))

    assert answer_of(signed_in.decide(page, "allow"))["state"] == state
    assert answer_of(signed_in.get(client.authorize_path(state=state, scope="admin")))["state"] == state


def test_s09_without_state_there_is_none_in_the_answer(signed_in: Browser, client: Client) -> None:
    page = signed_in.get(client.authorize_path(state=None))

    assert "state" not in answer_of(signed_in.decide(page, "allow"))
    assert "state" not in answer_of(signed_in.get(client.authorize_path(state=None, scope="admin")))
    assert "state" not in answer_of(signed_in.get(client.authorize_path(state="", scope="admin")))


def test_s10_every_answer_names_the_issuer_of_the_metadata(
    signed_in: Browser, deployment: Deployment, client: Client
) -> None:
    metadata = get(deployment, "/.well-known/oauth-authorization-server", None).json()
    page = signed_in.get(client.authorize_path())

    assert metadata["authorization_response_iss_parameter_supported"] is True
    assert answer_of(signed_in.decide(page, "allow"))["iss"] == metadata["issuer"] == deployment.base_url
    assert answer_of(signed_in.get(client.authorize_path(response_type="x")))["iss"] == metadata["issuer"]


@pytest.mark.parametrize("name", ["scope", "code_challenge", "code_challenge_method", "response_type", "prompt"])
def test_s11_error_redirects_hold_no_code_and_only_printable_ascii(
    signed_in: Browser, client: Client, name: str
) -> None:
    for value in ('"\\\u00e9', "\U0001f511", "a\0b", "\r\nX: y", "<svg onload=alert(1)>"):
        answer = answer_of(signed_in.get(client.authorize_path(**{name: value})))
        assert not {"code", "access_token"} & set(answer)
        for text in (answer["error"], answer["error_description"]):
            assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", text)


def test_s12_every_redirect_of_the_walk_is_a_303(browser: Browser, client: Client, person: Person) -> None:
    first = browser.get(client.authorize_path())
    second = browser.submit(
        browser.get(first.headers["Location"]), "/developer/login", user_name=person.name, password=person.password
    )
    third = browser.decide(browser.get(second.headers["Location"]), "allow")

    assert [answer.status_code for answer in (first, second, third)] == [303, 303, 303]
    assert third.headers["Cache-Control"] == "no-store"
    assert third.headers["Referrer-Policy"] == "same-origin"


def test_s13_nothing_goes_to_the_app_before_somebody_signed_in(browser: Browser, client: Client) -> None:
    answer = browser.get(client.authorize_path(scope="admin"))

    assert answer.status_code == 303
    assert urlsplit(answer.headers["Location"]).path == LOGIN_PAGE.path


def test_s13_prompt_none_answers_login_required_and_consent_required(
    browser: Browser, signed_in: Browser, client: Client
) -> None:
    assert answer_of(browser.get(client.authorize_path(prompt="none")))["error"] == "login_required"
    assert answer_of(signed_in.get(client.authorize_path(prompt="none")))["error"] == "consent_required"


def test_s14_a_request_object_is_refused_and_nothing_is_fetched(
    signed_in: Browser, client: Client, listener: str
) -> None:
    for extra in (
        {"request": "eyJhbGciOiJub25lIn0.eyJzY29wZSI6IndyaXRlIn0."},
        {"request_uri": listener},
        {"request_uri": "http://169.254.169.254/latest/meta-data/"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:x", "registration": listener, "client_uri": listener},
    ):
        name = next(iter(extra))
        assert answer_of(signed_in.get(client.authorize_path(**extra)))["error"] == f"{name}_not_supported"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_s16_no_other_method_does_anything(signed_in: Browser, client: Client, method: str) -> None:
    signed_in.decide(signed_in.get(client.authorize_path()), "allow")  # from now on a GET would bring a code

    answer = requests.request(
        method,
        signed_in.base_url + client.authorize_path(),
        headers={"Origin": "https://evil.test", "Cookie": "; ".join(f"{k}={v}" for k, v in signed_in.cookies.items())},
        timeout=30,
        allow_redirects=False,
    )

    assert answer.status_code == (204 if method == "OPTIONS" else 405)
    assert "Location" not in answer.headers
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert "code" in answer_of(signed_in.get(client.authorize_path()))


@pytest.mark.parametrize(
    "name",
    [
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "prompt",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "display",
        "login_hint",
        "ui_locales",
        "\"'><svg onload=alert(1)>",
    ],
)
def test_s19_markup_in_a_parameter_is_never_markup_on_a_page(
    browser: Browser, signed_in: Browser, client: Client, name: str
) -> None:
    for markup in ("\"'><svg onload=alert(1)>", "</script><svg onload=alert(1)>"):
        path = client.authorize_path(**{name: markup})
        for visitor in (browser, signed_in):
            answer = visitor.get(path)
            if answer.is_redirect and answer.headers["Location"].startswith("/"):
                answer = visitor.get(answer.headers["Location"])
            assert "<svg onload" not in answer.text
            assert "<svg onload" not in answer.headers.get("Location", "")


def test_s21_a_deleted_app_gets_a_page_and_its_tokens_are_refused(
    signed_in: Browser, deployment: Deployment, client: Client, person: Person
) -> None:
    tokens = client.tokens(person)
    pending = signed_in.get(client.authorize_path(scope="write"))
    delete_app(deployment.store, client.app, now=time.time())

    assert_page(signed_in.get(client.authorize_path()))
    assert_page(signed_in.decide(pending, "allow"))
    refused = client.refresh(tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert stops(deployment, tokens["access_token"])
