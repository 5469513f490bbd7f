"""GET /developer/auth and the decision on its page. Checklist A (S01 … S21), B (S23 … S38)."""

from __future__ import annotations

import requests

from gatepost.routes import APP_PAGE, AUTHORIZE, CONSENT
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import assert_page
from tests.browsing import Browser, answer_of
from tests.people import Client, Person, new_client, new_person


def test_a_query_of_the_registered_uri_is_kept(signed_in: Browser, deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, redirect_uris=["https://client.example.test/cb2?tenant=7"])

    page = signed_in.get(client.authorize_path(redirect_uri="https://client.example.test/cb2?tenant=7"))

    assert answer_of(signed_in.decide(page, "deny"))["tenant"] == "7"


def test_the_seeds_rule_holds_for_an_app_that_registered_its_url_only(
    signed_in: Browser, deployment: Deployment, person: Person
) -> None:
    client = new_client(deployment, person, redirect_uris=[])

    assert signed_in.get(client.authorize_path(redirect_uri="https://client.example.test/any?x=1")).status_code == 200
    for redirect_uri in ("https://sub.client.example.test/any", "https://client.example.test/any#x", None):
        assert_page(signed_in.get(client.authorize_path(redirect_uri=redirect_uri)))


def test_scopes_may_be_separated_by_commas_left_out_or_beyond_the_app(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    assert client.tokens(person, scope="read,write")["scope"] == "read write"  # as the seed does
    assert client.tokens(person, scope=None)["scope"] == "read"  # the default
    reading = new_client(deployment, person, scope=Scope.of("read"))
    assert answer_of(signed_in.get(reading.authorize_path(scope="write")))["error"] == "invalid_scope"


def test_only_the_owner_of_an_app_that_is_not_active_is_told_why(
    signed_in: Browser, deployment: Deployment, client: Client
) -> None:
    client_id = client.app.client_id
    deployment.store.set_app_status(client_id, "pending", reason="", grants_valid_from=0)
    waiting = signed_in.get(client.authorize_path())
    assert_page(waiting)
    assert "Waiting for approval" in waiting.text
    assert f'href="{APP_PAGE.at(client_id=client_id)}"' in waiting.text

    deployment.store.set_app_status(client_id, "deactivated", reason="its website is gone", grants_valid_from=0)
    shown = signed_in.get(client.authorize_path())
    assert "Deactivated" in shown.text
    assert "its website is gone" in shown.text

    other, stranger = new_person(deployment), Browser(deployment.base_url)
    stranger.sign_in(other.name, other.password)
    for browser in (stranger, Browser(deployment.base_url)):
        shown = browser.get(client.authorize_path())
        assert_page(shown)
        assert "its website is gone" not in shown.text
        assert client_id not in shown.text
        assert "invalid_request: the app is not active" in shown.text


def test_what_names_no_app_gets_an_error_page_and_the_log_says_which_client_id_is_unknown(
    signed_in: Browser, deployment: Deployment
) -> None:
    for query in ("client_id=%ff", "client_id=%C0%80", "", "%00", "client_id[]=x", "client_id", "client_id=my-app"):
        assert_page(signed_in.get(f"{AUTHORIZE.path}?{query}"))

    assert [line for line in deployment.logs if '"detail":"my-app"' in line.replace(": ", ":")]


# The decision


def test_two_tabs_are_answered_independently_and_each_once(signed_in: Browser, client: Client) -> None:
    first = signed_in.get(client.authorize_path(state="one", scope="read"))
    second = signed_in.get(client.authorize_path(state="two", scope="write"))

    assert answer_of(signed_in.decide(second, "allow"))["state"] == "two"
    assert answer_of(signed_in.decide(first, "allow"))["state"] == "one"
    for decision in ("allow", "deny"):
        assert signed_in.decide(first, decision).status_code == 400


def test_a_request_for_a_token_is_sent_to_the_token_endpoint(deployment: Deployment, client: Client) -> None:
    form = {"grant_type": "client_credentials", "client_id": client.app.client_id}
    answer = requests.post(deployment.base_url + CONSENT.path, data=form, timeout=30)

    assert answer.status_code == 400
    assert "tokens are requested at the token endpoint, /authorization/token" in answer.text


def test_the_form_may_lead_to_the_scheme_of_the_redirect_uri_and_no_other(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    native = new_client(deployment, person, redirect_uris=["com.example.app:/cb"])

    web = signed_in.get(client.authorize_path()).headers["Content-Security-Policy"]
    app = signed_in.get(native.authorize_path(redirect_uri="com.example.app:/cb"))

    assert "form-action 'self' https:;" in web
    assert "form-action 'self' com.example.app:;" in app.headers["Content-Security-Policy"]
    assert answer_of(signed_in.decide(app, "deny"))["error"] == "access_denied"


def test_an_app_that_was_deactivated_meanwhile_gets_no_answer(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    page = signed_in.get(client.authorize_path(response_type="token"))
    deployment.store.set_app_status(client.app.client_id, "deactivated", reason="", grants_valid_from=0)

    assert signed_in.decide(page, "allow").status_code == 400
