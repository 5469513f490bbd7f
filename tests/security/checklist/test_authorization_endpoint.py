"""GET /developer/auth: what is asked for, and what comes back (S06 … S21, S45 … S49, S64)."""

import re
import time
from urllib.parse import urlsplit

import pytest
import requests

from gatepost.clients.lifecycle import delete_app
from gatepost.routes import LOGIN_PAGE, METADATA
from infra.local.deployment import Deployment
from tests.answers import CHALLENGE, assert_page, assert_sent_back
from tests.browsing import Browser, answer_of
from tests.people import CALLBACK, Client, Person, get, new_client, stops

SVG = "\"'></script><svg onload=alert(1)>"


def test_s06_s08_what_cannot_be_had_goes_back_as_an_error(
    signed_in: Browser, deployment: Deployment, client: Client, person: Person
) -> None:
    code_only = new_client(deployment, person, grant_types=["authorization_code"])

    refused: tuple[tuple[Client, dict[str, str | None], str], ...] = (
        (client, {"response_type": None}, "invalid_request"),
        (client, {"response_type": "code token"}, "unsupported_response_type"),
        (client, {"response_type": "code,code"}, "unsupported_response_type"),
        (code_only, {"response_type": "token"}, "unauthorized_client"),
        (client, {"scope": "admin"}, "invalid_scope"),
        (client, {"scope": 'r\u00e9ad"'}, "invalid_scope"),
        (client, {"scope": "read\0"}, "invalid_request"),
    )
    for app, asked, error in refused:
        answer = signed_in.get(app.authorize_path(**asked))
        assert_sent_back(answer, error, issuer=deployment.base_url)
    assert client.tokens(person, scope="read,consumer")["scope"] == "read"


def test_s45_s48_s49_a_challenge_is_the_s256_of_a_verifier_and_a_public_app_needs_one(
    signed_in: Browser, deployment: Deployment, client: Client, public_client: Client
) -> None:
    path = public_client.authorize_path()
    assert_sent_back(signed_in.get(path), "invalid_request", issuer=deployment.base_url)
    for app in (client, public_client):
        for challenge, method in ((CHALLENGE, "plain"), (CHALLENGE, None), (CHALLENGE[:-1], "S256"), (None, "S256")):
            path = app.authorize_path(code_challenge=challenge, code_challenge_method=method)
            assert_sent_back(signed_in.get(path), "invalid_request", issuer=deployment.base_url)


@pytest.mark.parametrize("state", ["one,two %zz %2520 \"'<>&#=+/ grüße ✓", "x" * 1500, None, ""])
def test_s09_s10_state_comes_back_byte_for_byte_with_the_issuer_of_the_metadata(
    signed_in: Browser, deployment: Deployment, client: Client, state: str | None
) -> None:
    metadata = get(deployment, METADATA.path, None).json()
    page = signed_in.get(client.authorize_path(state=state))

    for answer in (signed_in.decide(page, "allow"), signed_in.get(client.authorize_path(state=state, scope="admin"))):
        assert answer_of(answer).get("state", "") == (state or "")
        assert ("state" in answer_of(answer)) is bool(state)
        assert answer_of(answer)["iss"] == metadata["issuer"] == deployment.base_url
    assert metadata["authorization_response_iss_parameter_supported"] is True


def test_s11_error_redirects_hold_no_code_and_only_printable_ascii(signed_in: Browser, client: Client) -> None:
    for name in ("scope", "code_challenge", "code_challenge_method", "response_type", "prompt"):
        answer = answer_of(signed_in.get(client.authorize_path(**{name: '"\\\u00e9\U0001f511<svg onload=alert(1)>'})))
        assert not {"code", "access_token"} & set(answer)
        for text in (answer["error"], answer["error_description"]):
            assert re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", text)


def test_s12_s13_every_redirect_is_a_303_and_none_leads_to_the_app_before_somebody_signed_in(
    browser: Browser, client: Client, person: Person
) -> None:
    early = browser.get(client.authorize_path(scope="admin"))
    assert urlsplit(early.headers["Location"]).path == LOGIN_PAGE.path
    assert answer_of(browser.get(client.authorize_path(prompt="none")))["error"] == "login_required"

    first = browser.get(client.authorize_path())
    second = browser.submit(
        browser.get(first.headers["Location"]), "/developer/login", user_name=person.name, password=person.password
    )
    assert answer_of(browser.get(client.authorize_path(prompt="none")))["error"] == "consent_required"
    third = browser.decide(browser.get(second.headers["Location"]), "allow")

    assert [answer.status_code for answer in (early, first, second, third)] == [303] * 4


def test_s14_a_request_object_is_refused_and_nothing_is_fetched(
    signed_in: Browser, client: Client, listener: str
) -> None:
    for extra in (
        {"request": "eyJhbGciOiJub25lIn0.eyJzY29wZSI6IndyaXRlIn0."},
        {"request_uri": listener, "registration": listener, "client_uri": listener},
    ):
        name = next(iter(extra))
        assert answer_of(signed_in.get(client.authorize_path(**extra)))["error"] == f"{name}_not_supported"


def test_s16_no_other_method_does_anything(signed_in: Browser, client: Client) -> None:
    signed_in.decide(signed_in.get(client.authorize_path()), "allow")  # from now on a GET would bring a code
    cookies = "; ".join(f"{name}={value}" for name, value in signed_in.cookies.items())

    for method in ("HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = requests.request(
            method,
            signed_in.base_url + client.authorize_path(),
            headers={"Origin": "https://evil.test", "Cookie": cookies},
            timeout=30,
            allow_redirects=False,
        )
        assert answer.status_code == (204 if method == "OPTIONS" else 405)
        assert "Location" not in answer.headers
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
    assert "code" in answer_of(signed_in.get(client.authorize_path()))


NAMES = (
    "client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "prompt", "code_challenge",
    "code_challenge_method", "nonce", "display", "login_hint", "ui_locales", SVG,
)  # fmt: skip


def test_s19_markup_in_a_parameter_is_never_markup_on_a_page(
    browser: Browser, signed_in: Browser, client: Client
) -> None:
    anonymous = browser.get(client.authorize_path(**dict.fromkeys(NAMES[2:], SVG)))
    pages = [signed_in.get(client.authorize_path(**{name: SVG})) for name in NAMES]

    for answer in (*pages, anonymous, browser.get(anonymous.headers["Location"])):
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


def test_s64_implicit_answers_and_errors_travel_in_the_fragment(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    page = signed_in.get(client.authorize_path(response_type="token"))
    implicit = signed_in.decide(page, "allow")
    members = answer_of(implicit)

    assert implicit.headers["Location"].startswith(f"{CALLBACK}#access_token=")
    assert sorted(members) == ["access_token", "expires_in", "iss", "scope", "state", "token_type"]
    assert get(deployment, "/demo/read", members["access_token"]).status_code == 200
    refused = signed_in.get(client.authorize_path(response_type="token", scope="admin"))
    assert refused.headers["Location"].startswith(f"{CALLBACK}#error=invalid_scope")
    nobody = Browser(deployment.base_url).get(client.authorize_path(response_type="token", prompt="none"))
    assert nobody.headers["Location"].startswith(f"{CALLBACK}#error=login_required")
