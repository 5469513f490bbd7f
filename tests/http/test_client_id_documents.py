"""A URL as client_id: its document is fetched, shown and kept (S232, S222, S224, S227)."""

from __future__ import annotations

import requests

from gatepost.routes import METADATA, OPENID_METADATA
from infra.local.deployment import Deployment
from tests.answers import assert_error, redeem
from tests.browsing import Browser, answer_of
from tests.http.documents import PKCE, VERIFIER, Publisher, consent, message_of, outdate, record_of
from tests.http.openid import claims_of
from tests.people import Client, Person, entered, get, stops

LOOPBACK = "http://localhost:41234/cb"  # registered without a port


# Flows


def test_the_metadata_says_that_a_url_is_a_client_id(deployment: Deployment) -> None:
    for path in (METADATA.path, OPENID_METADATA.path):
        document = requests.get(deployment.base_url + path, timeout=30).json()
        assert document["client_id_metadata_document_supported"] is True
        assert "none" in document["token_endpoint_auth_methods_supported"]


def test_an_app_that_nobody_registered_gets_refreshes_and_loses_tokens(
    deployment: Deployment, publisher: Publisher, person: Person, client: Client
) -> None:
    app = publisher.publish(deployment)

    tokens = app.tokens(person, scope="read openid", nonce="n-1")

    assert get(deployment, "/demo/read", tokens["access_token"]).status_code == 200
    assert claims_of(deployment, tokens["id_token"], app)["aud"] == app.app.client_id
    told = client.introspect(tokens["access_token"]).json()
    assert (told["active"], told["client_id"]) == (True, app.app.client_id)

    refreshed = app.refresh(tokens["refresh_token"]).json()
    assert get(deployment, "/demo/read", refreshed["access_token"]).status_code == 200
    assert claims_of(deployment, refreshed["id_token"], app)["aud"] == app.app.client_id

    assert app.revoke(refreshed["refresh_token"]).status_code == 200
    assert_error(app.refresh(refreshed["refresh_token"]), 400, "invalid_grant")
    assert stops(deployment, refreshed["access_token"])
    assert publisher.requested == ["/1/client.json"]


def test_a_document_is_fetched_once_and_nothing_that_it_names(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)

    for _ in range(3):
        consent(signed_in, app)

    assert publisher.requested == ["/1/client.json"]


def test_s227_a_program_may_ask_first_and_nothing_is_fetched_before_a_sign_in(
    deployment: Deployment, publisher: Publisher, person: Person
) -> None:
    app = publisher.publish(deployment)
    path = app.authorize_path(**PKCE)

    first = requests.get(deployment.base_url + path, allow_redirects=False, timeout=30)
    assert first.is_redirect
    assert publisher.requested == []

    browser = Browser(deployment.base_url)
    answer = browser.sign_in(person.name, person.password, path)
    page = browser.get(answer.headers["Location"])
    code = answer_of(browser.decide(page, "allow"))["code"]
    assert redeem(app, code, code_verifier=VERIFIER).status_code == 200


def test_s227_s357_a_silent_request_for_an_unknown_app_fetches_nothing_for_anybody(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)
    path = app.authorize_path(**PKCE, prompt="none")

    for page in (requests.get(deployment.base_url + path, allow_redirects=False, timeout=30), signed_in.get(path)):
        assert "interaction_required: the app has to ask the user openly first" in message_of(page)
    assert publisher.requested == []


def test_s224_every_request_of_a_stranger_is_a_question_with_both_hosts(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment, redirect_uris=["http://localhost/cb"])
    sent = {"redirect_uri": LOOPBACK}

    page = consent(signed_in, app, **sent)

    host = app.app.client_id.split("/")[2]
    assert page.text.index("localhost:41234") < page.text.index(host) < page.text.index("does not vouch for it")
    assert "Any program on your computer can claim to be this app." in page.text
    assert "logo.png" not in page.text
    assert answer_of(signed_in.decide(page, "allow"))["code"]
    consent(signed_in, app, **sent)  # again
    assert answer_of(signed_in.get(app.authorize_path(**PKCE, **sent, prompt="none")))["error"] == "consent_required"


def test_s224_strangers_get_no_restricted_scope(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)

    page = consent(signed_in, app, scope="read consumer")
    code = answer_of(signed_in.decide(page, "allow"))["code"]
    assert redeem(app, code, code_verifier=VERIFIER).json()["scope"] == "read"
    refused = signed_in.get(app.authorize_path(**PKCE, scope="consumer"))
    assert "invalid_scope: " in message_of(refused)


def test_s222_a_changed_document_counts_once_it_is_not_fresh(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)
    page = consent(signed_in, app)
    outdate(app)
    publisher.write("/1/client.json", redirect_uris=["https://other.example.test/cb"], client_name="Another name")

    refused = signed_in.get(app.authorize_path(**PKCE))
    assert refused.status_code == 400
    assert "does not lead back to the app" in refused.text
    assert "Another name" not in refused.text
    assert "redirect_uri is not registered for this app" in signed_in.decide(page, "allow").text
    changed = record_of(app)
    assert changed is not None
    assert (changed.version, changed.redirect_uris) == (2, ("https://other.example.test/cb",))
    assert changed.approvals_valid_from > 0


def test_s232_a_document_that_is_gone_counts_no_longer_for_new_requests(
    deployment: Deployment, publisher: Publisher, person: Person
) -> None:
    app = publisher.publish(deployment)
    tokens = app.tokens(person)
    outdate(app)
    publisher.pages.clear()
    browser = entered(deployment, person)

    for _ in range(2):  # an error is not kept
        assert "the response is not one of status 200" in message_of(browser.get(app.authorize_path(**PKCE)))
    assert app.refresh(tokens["refresh_token"]).status_code == 200
    publisher.write("/1/client.json")
    consent(browser, app)
