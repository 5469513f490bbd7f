"""POST /developer/auth: the consent page's answer. Checklist B (S23 … S38)."""

import time

import pytest

from gatepost.accounts import end_grants
from gatepost.routes import CONSENT
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of, form_of
from tests.people import CALLBACK, Client, Person, new_client, new_person

CHALLENGE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}


@pytest.fixture
def signed_in(browser: Browser, person: Person) -> Browser:
    browser.sign_in(person.name, person.password)
    return browser


def test_s38_the_page_names_app_scopes_redirect_host_and_user(
    signed_in: Browser, client: Client, person: Person
) -> None:
    page = signed_in.get(client.authorize_path(scope="read write"))

    assert page.status_code == 200
    for text in (client.app.name, "client.example.test", "Read your demo data", "Change your demo data", person.name):
        assert text in page.text


def test_s23_another_users_page_answers_nothing_in_ones_own_session(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    other = new_person(deployment)
    theirs = Browser(deployment.base_url)
    theirs.sign_in(other.name, other.password)
    shown = form_of(theirs.get(client.authorize_path()), CONSENT.path).fields
    own = form_of(signed_in.get(client.authorize_path()), CONSENT.path).fields

    assert signed_in.post(CONSENT.path, {**shown, "decision": "allow"}).status_code == 400
    mixed = {**own, "request_id": shown["request_id"], "decision": "allow"}
    assert signed_in.post(CONSENT.path, mixed).status_code == 400
    # and it was not used up either
    assert "code" in answer_of(theirs.post(CONSENT.path, {**shown, "decision": "allow"}))


def test_s23_the_form_without_its_hidden_fields_or_from_elsewhere_does_nothing(
    signed_in: Browser, client: Client
) -> None:
    fields = {**form_of(signed_in.get(client.authorize_path()), CONSENT.path).fields, "decision": "allow"}

    for name in ("form_token", "request_id", "decision"):
        assert signed_in.post(CONSENT.path, {k: v for k, v in fields.items() if k != name}).status_code == 400
    foreign = {"Origin": "https://evil.example.test"}
    assert signed_in.post(CONSENT.path, fields, headers=foreign).status_code == 400


def test_s25_without_a_session_nothing_is_granted(deployment: Deployment, signed_in: Browser, client: Client) -> None:
    fields = {**form_of(signed_in.get(client.authorize_path()), CONSENT.path).fields, "decision": "allow"}

    assert Browser(deployment.base_url).post(CONSENT.path, fields).status_code == 400


def test_s24_the_code_is_for_what_was_shown_whatever_the_form_says(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    other = new_client(deployment, person, redirect_uris=["https://evil.example.test/cb"])
    page = signed_in.get(client.authorize_path(scope="read"))
    fields = form_of(page, CONSENT.path).fields | {
        "decision": "allow",
        "scope": "read write",
        "redirect_uri": "https://evil.example.test/cb",
        "client_id": other.app.client_id,
        "user_id": "somebody",
        "response_type": "token",
        **CHALLENGE,
    }

    answer = signed_in.post(CONSENT.path, fields)

    assert answer.headers["Location"].startswith(f"{CALLBACK}?code=")
    code = answer_of(answer)["code"]
    tokens = client.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK).json()
    assert tokens["scope"] == "read"


def test_s26_deny_goes_back_with_access_denied_and_is_asked_again(signed_in: Browser, client: Client) -> None:
    answer = answer_of(signed_in.decide(signed_in.get(client.authorize_path()), "deny"))

    assert answer["error"] == "access_denied"
    assert (answer["state"], answer["iss"]) == ("s-1", signed_in.base_url)
    assert signed_in.get(client.authorize_path()).status_code == 200


def test_a_page_is_answered_once_however_often_its_button_is_pressed(signed_in: Browser, client: Client) -> None:
    page = signed_in.get(client.authorize_path())

    assert "code" in answer_of(signed_in.decide(page, "allow"))
    assert signed_in.decide(page, "allow").status_code == 400
    assert signed_in.decide(page, "deny").status_code == 400


def test_two_tabs_are_answered_independently(signed_in: Browser, client: Client) -> None:
    first = signed_in.get(client.authorize_path(state="one", scope="read"))
    second = signed_in.get(client.authorize_path(state="two", scope="write"))

    assert answer_of(signed_in.decide(second, "allow"))["state"] == "two"
    assert answer_of(signed_in.decide(first, "allow"))["state"] == "one"


def test_s36_an_approval_is_remembered_for_its_app_and_scope_only(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    signed_in.decide(signed_in.get(client.authorize_path(scope="read")), "allow")
    other = new_client(deployment, person)

    assert "code" in answer_of(signed_in.get(client.authorize_path(scope="read")))
    assert "code" in answer_of(signed_in.get(client.authorize_path(scope="read", prompt="none")))
    more = signed_in.get(client.authorize_path(scope="read write"))
    assert more.status_code == 200
    assert "already allowed" in more.text
    assert signed_in.get(client.authorize_path(scope="read", prompt="consent")).status_code == 200
    assert signed_in.get(other.authorize_path(scope="read")).status_code == 200


def test_s36_a_public_app_is_asked_for_every_time(signed_in: Browser, public_client: Client) -> None:
    path = public_client.authorize_path(**CHALLENGE)

    assert "code" in answer_of(signed_in.decide(signed_in.get(path), "allow"))
    assert signed_in.get(path).status_code == 200


def test_s12_every_redirect_of_the_walk_is_a_303(browser: Browser, client: Client, person: Person) -> None:
    first = browser.get(client.authorize_path())
    second = browser.submit(
        browser.get(first.headers["Location"]), "/developer/login", user_name=person.name, password=person.password
    )
    third = browser.decide(browser.get(second.headers["Location"]), "allow")

    assert [answer.status_code for answer in (first, second, third)] == [303, 303, 303]
    assert third.headers["Cache-Control"] == "no-store"
    assert third.headers["Referrer-Policy"] == "same-origin"


def test_the_form_may_lead_to_the_scheme_of_the_redirect_uri_and_no_other(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    native = new_client(deployment, person, redirect_uris=["com.example.app:/cb"])

    web = signed_in.get(client.authorize_path()).headers["Content-Security-Policy"]
    app = signed_in.get(native.authorize_path(redirect_uri="com.example.app:/cb"))

    assert "form-action 'self' https:;" in web
    assert "form-action 'self' com.example.app:;" in app.headers["Content-Security-Policy"]
    assert answer_of(signed_in.decide(app, "deny"))["error"] == "access_denied"


def test_an_account_whose_grants_end_while_the_page_is_open_grants_nothing_old(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    code = answer_of(signed_in.decide(signed_in.get(client.authorize_path()), "allow"))["code"]

    end_grants(deployment.store, person.user, now=time.time())

    answer = client.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_an_app_that_was_deactivated_meanwhile_gets_no_answer(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    page = signed_in.get(client.authorize_path(response_type="token"))
    deployment.store.set_app_status(client.app.client_id, "deactivated", reason="", grants_valid_from=0)

    assert signed_in.decide(page, "allow").status_code == 400
