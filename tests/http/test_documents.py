"""A URL as client_id: its document is fetched, shown and kept, or refused (S232, S221 to S224, S227)."""

from __future__ import annotations

import time
from typing import Any

import requests

from gatepost.authentication.hourly import count_in_hour
from gatepost.clients.documents import OF_ACCOUNT
from gatepost.identifiers import app_id
from gatepost.routes import METADATA, OPENID_METADATA
from infra.local.deployment import Deployment
from tests.answers import assert_error, redeem
from tests.browsing import Browser, answer_of
from tests.http.documents import (
    PKCE,
    VERIFIER,
    Published,
    Publisher,
    client_at,
    consent,
    message_of,
    outdate,
    record_of,
)
from tests.http.openid import claims_of
from tests.people import CALLBACK, Client, Person, entered, get

LOOPBACK = "http://localhost:41234/cb"  # registered without a port


# Flows


def test_the_metadata_says_that_a_url_is_a_client_id(deployment: Deployment) -> None:
    for path in (METADATA.path, OPENID_METADATA.path):
        document = requests.get(deployment.base_url + path, timeout=30).json()
        assert document["client_id_metadata_document_supported"] is True
        assert "none" in document["token_endpoint_auth_methods_supported"]


def test_s223_an_app_that_nobody_registered_gets_refreshes_and_loses_tokens_with_one_fetch(
    deployment: Deployment, publisher: Publisher, person: Person, client: Client
) -> None:
    app = publisher.publish(deployment)
    unknown = redeem(app, "x", code_verifier=VERIFIER)
    for refused in (unknown, app.refresh("x"), app.revoke("x")):
        assert_error(refused, 401, "invalid_client")
    assert publisher.requested == []  # the other endpoints fetch nothing
    assert record_of(app) is None

    tokens = app.tokens(person, scope="read openid", nonce="n-1")

    assert get(deployment, "/demo/read", tokens["access_token"]).status_code == 200
    told = client.introspect(tokens["access_token"]).json()
    assert (told["active"], told["client_id"]) == (True, app.app.client_id)
    refreshed = app.refresh(tokens["refresh_token"]).json()
    for each in (tokens, refreshed):
        assert claims_of(deployment, each["id_token"], app)["aud"] == app.app.client_id
    assert app.revoke(refreshed["refresh_token"]).status_code == 200
    assert_error(app.refresh(refreshed["refresh_token"]), 400, "invalid_grant")
    assert client.introspect(refreshed["access_token"]).json() == {"active": False}
    consent(entered(deployment, person), app)
    assert publisher.requested == ["/1/client.json"]

    other = client_at(deployment, app_id(app.app.client_id))  # the id of its record is no client_id
    assert "client_id is unknown" in message_of(entered(deployment, person).get(other.authorize_path(**PKCE)))
    assert_error(other.refresh("x"), 401, "invalid_client")


def test_s227_s357_nothing_is_fetched_before_a_sign_in_or_for_a_silent_request(
    deployment: Deployment, publisher: Publisher, person: Person, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)
    path = app.authorize_path(**PKCE)
    visitor = Browser(deployment.base_url)

    assert visitor.get(path).is_redirect  # a program may ask first
    for browser in (visitor, signed_in):
        silent = message_of(browser.get(app.authorize_path(**PKCE, prompt="none")))
        assert "interaction_required: the app has to ask the user openly first" in silent
    assert publisher.requested == []

    answer = visitor.sign_in(person.name, person.password, path)
    code = answer_of(visitor.decide(visitor.get(answer.headers["Location"]), "allow"))["code"]
    assert redeem(app, code, code_verifier=VERIFIER).status_code == 200


def test_s224_every_request_of_a_stranger_is_a_question_with_both_hosts_and_no_restricted_scope(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment, redirect_uris=["http://localhost/cb"])
    sent = {"redirect_uri": LOOPBACK, "scope": "read consumer"}

    page = consent(signed_in, app, **sent)

    host = app.app.client_id.split("/")[2]
    assert page.text.index("localhost:41234") < page.text.index(host) < page.text.index("does not vouch for it")
    assert "Any program on your computer can claim to be this app." in page.text
    assert "logo.png" not in page.text
    code = answer_of(signed_in.decide(page, "allow"))["code"]
    assert redeem(app, code, code_verifier=VERIFIER, redirect_uri=LOOPBACK).json()["scope"] == "read"
    consent(signed_in, app, **sent)  # again
    silent = answer_of(signed_in.get(app.authorize_path(**PKCE, **sent, prompt="none")))
    assert silent["error"] == "consent_required"
    restricted = signed_in.get(app.authorize_path(**PKCE, **{**sent, "scope": "consumer"}))
    assert "invalid_scope: " in message_of(restricted)


def test_s222_s232_a_document_that_changed_or_is_gone_counts_once_it_is_not_fresh(
    deployment: Deployment, publisher: Publisher, person: Person, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)
    tokens = app.tokens(person)
    outdate(app)
    known = publisher.pages.pop("/1/client.json")
    for _ in range(2):  # an error is not kept
        assert "the response is not one of status 200" in message_of(signed_in.get(app.authorize_path(**PKCE)))
    assert app.refresh(tokens["refresh_token"]).status_code == 200
    publisher.pages["/1/client.json"] = known
    page = consent(signed_in, app)

    outdate(app)
    publisher.write("/1/client.json", redirect_uris=["https://other.example.test/cb"], client_name="Another name")
    refused = message_of(signed_in.get(app.authorize_path(**PKCE)))
    assert "does not lead back to the app" in refused
    assert "Another name" not in refused
    assert "redirect_uri is not registered for this app" in signed_in.decide(page, "allow").text
    changed = record_of(app)
    assert changed is not None
    assert (changed.version, changed.redirect_uris) == (3, ("https://other.example.test/cb",))
    assert changed.approvals_valid_from > 0


# Refusals


# One of each kind; the rest is in tests/unit/clients/test_metadata_document.py
BAD: dict[str, tuple[Published | dict[str, Any], str]] = {
    "redirect": (
        Published("", 302, headers=(("Location", "/1/client.json"),)),
        "the response is not one of status 200",
    ),
    "too long": ({"x": "y" * 6000}, "could not be fetched"),
    "another client_id": ({"client_id": "https://app.example.test/client.json"}, "its client_id is not the URL itself"),
}
BAD_URLS = {
    "https://169.254.169.254/latest/meta-data": "the host has an address that is not public",
    "http://app.example.test/client.json": "client_id is unknown",
}


def test_s221_s232_what_is_no_good_document_or_url_is_refused_on_a_page_and_not_kept(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    sentences = dict(BAD_URLS)
    for name, (bad, sentence) in BAD.items():
        path = f"/bad/{name.replace(' ', '-')}"
        if isinstance(bad, Published):
            publisher.pages[path] = bad
        else:
            publisher.write(path, **bad)
        sentences[publisher.base_url + path] = sentence
    for url, sentence in sentences.items():
        app = client_at(deployment, url)

        page = message_of(signed_in.get(app.authorize_path(**PKCE)))

        assert sentence in page, url
        assert CALLBACK not in page, url
        assert record_of(app) is None, url
    assert len(publisher.requested) == len(BAD)  # no redirect was followed


def test_s223_an_account_fetches_only_so_many_documents(
    deployment: Deployment, publisher: Publisher, person: Person, signed_in: Browser
) -> None:
    app, now = publisher.publish(deployment), time.time()
    for hour in {now // 3600, (now + 60) // 3600}:  # an hour may end meanwhile
        for _ in range(OF_ACCOUNT):
            counted = f"user#{person.user.user_id}"
            count_in_hour(deployment.store, "document", counted, OF_ACCOUNT, named="user", now=hour * 3600)

    refused = signed_in.get(app.authorize_path(**PKCE))

    assert (refused.status_code, publisher.requested) == (429, [])
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
