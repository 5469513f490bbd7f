"""POST /developer/auth: the decision on the consent page. Checklist B (S23 … S38)."""

import time

import requests

from gatepost.accounts.removal import end_grants
from gatepost.routes import CONSENT
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.people import CALLBACK, Client, Person, new_client


def test_a_page_is_answered_once_however_often_its_button_is_pressed(signed_in: Browser, client: Client) -> None:
    page = signed_in.get(client.authorize_path())

    assert "code" in answer_of(signed_in.decide(page, "allow"))
    assert signed_in.decide(page, "allow").status_code == 400
    assert signed_in.decide(page, "deny").status_code == 400


def test_a_request_for_a_token_is_sent_to_the_token_endpoint(deployment: Deployment, client: Client) -> None:
    form = {"grant_type": "client_credentials", "client_id": client.app.client_id}
    answer = requests.post(deployment.base_url + CONSENT.path, data=form, timeout=30)

    assert answer.status_code == 400
    assert "tokens are requested at the token endpoint, /authorization/token" in answer.text


def test_two_tabs_are_answered_independently(signed_in: Browser, client: Client) -> None:
    first = signed_in.get(client.authorize_path(state="one", scope="read"))
    second = signed_in.get(client.authorize_path(state="two", scope="write"))

    assert answer_of(signed_in.decide(second, "allow"))["state"] == "two"
    assert answer_of(signed_in.decide(first, "allow"))["state"] == "one"


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
