"""A URL as client_id: its document is fetched, shown and kept (S232, S222, S223, S224, S227)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from gatepost.identifiers import app_id
from gatepost.model.records import App
from gatepost.routes import (
    ADMIN_APP_PAGE,
    ADMIN_APPS_PAGE,
    ADMIN_CHANGE_APP,
    GRANTS_PAGE,
    METADATA,
    OPENID_METADATA,
    REVOKE_GRANT,
)
from gatepost.stores.record_keys import app_key
from infra.local.deployment import Deployment
from tests.answers import assert_error, assert_page, redeem
from tests.browsing import Browser, answer_of, post
from tests.http.documents import Published, Publisher, client_at, publishing
from tests.http.openid import claims_of
from tests.people import CALLBACK, Client, Person, get, new_person, stops

LOOPBACK = "http://localhost:41234/cb"  # registered without a port
PKCE = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as running:
        yield running


@pytest.fixture
def admin(deployment: Deployment) -> Browser:
    boss = new_person(deployment)
    deployment.store.set_user_rights(boss.user.user_id, role="administrator", scope=None)
    browser = Browser(deployment.base_url)
    browser.sign_in(boss.name, boss.password)
    return browser


def record_of(app: Client) -> App | None:
    found: App | None = app.deployment.store.read(app_key(app.app.client_id))[0]
    return found


def consent(browser: Browser, app: Client, **parameters: str) -> requests.Response:
    page = browser.get(app.authorize_path(**{**PKCE, **parameters}))
    assert page.status_code == 200, page.text
    return page


def message_of(page: requests.Response) -> str:
    assert_page(page)
    assert page.status_code == 400
    return page.text


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


def test_s227_without_a_sign_in_a_silent_request_for_an_unknown_app_ends_on_a_page(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)
    path = app.authorize_path(**PKCE, prompt="none")

    page = requests.get(deployment.base_url + path, allow_redirects=False, timeout=30)
    assert "login_required: nobody is signed in" in message_of(page)
    assert publisher.requested == []

    assert answer_of(signed_in.get(path))["error"] == "consent_required"
    silent = requests.get(deployment.base_url + path, allow_redirects=False, timeout=30)
    assert answer_of(silent)["error"] == "login_required"


def test_s223_the_other_endpoints_fetch_nothing(deployment: Deployment, publisher: Publisher) -> None:
    app = publisher.publish(deployment)

    asked = app.token(grant_type="authorization_code", code="x", redirect_uri=CALLBACK, code_verifier=VERIFIER)

    assert_error(asked, 401, "invalid_client")
    assert_error(app.refresh("x"), 401, "invalid_client", "invalid_grant")
    assert_error(app.revoke("x"), 401, "invalid_client")
    assert publisher.requested == []
    assert record_of(app) is None


def test_s224_every_request_of_a_stranger_is_a_question_with_both_hosts(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment, redirect_uris=["http://localhost/cb"])
    sent = {"redirect_uri": LOOPBACK}

    page = consent(signed_in, app, **sent)

    host = app.app.client_id.split("/")[2]
    assert page.text.index("localhost:41234") < page.text.index(host) < page.text.index("vouches for it")
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
    assert answer_of(refused)["error"] == "invalid_scope"


def test_s222_a_changed_document_counts_once_it_is_not_fresh(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)
    page = consent(signed_in, app)
    outdate(app)
    publisher.write("/1/client.json", redirect_uris=["https://other.example.test/cb"], client_name="Another name")

    refused = signed_in.get(app.authorize_path(**PKCE))
    assert refused.status_code == 400
    assert "does not lead back to <bdi>Another name</bdi>" in refused.text
    assert "redirect_uri is not registered for this app" in signed_in.decide(page, "allow").text
    changed = record_of(app)
    assert changed is not None
    assert (changed.version, changed.redirect_uris) == (2, ("https://other.example.test/cb",))
    assert changed.approvals_valid_from > 0


def outdate(app: Client) -> None:
    """Let the document be one that has to be fetched again."""
    known = record_of(app)
    assert known is not None
    table = app.deployment.tables["apps"]
    app.deployment.client("dynamodb").update_item(
        TableName=table,
        Key={"client_id": {"S": known.client_id}},
        UpdateExpression="SET fresh_until = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )


def test_s232_a_document_that_is_gone_counts_no_longer_for_new_requests(
    deployment: Deployment, publisher: Publisher, person: Person
) -> None:
    app = publisher.publish(deployment)
    tokens = app.tokens(person)
    outdate(app)
    publisher.pages.clear()
    browser = Browser(deployment.base_url)
    browser.sign_in(person.name, person.password)

    for _ in range(2):  # an error is not kept
        assert "the response is not one of status 200" in message_of(browser.get(app.authorize_path(**PKCE)))
    assert app.refresh(tokens["refresh_token"]).status_code == 200
    publisher.write("/1/client.json")
    consent(browser, app)


# Documents that are refused


BAD: dict[str, tuple[Published | dict[str, Any], str]] = {
    "not found": (Published("no", 404, "text/plain"), "the response is not one of status 200"),
    "an error": (Published("{}", 500), "the response is not one of status 200"),
    "empty": (Published("", 204), "the response is not one of status 200"),
    "redirect": (
        Published("", 302, headers=(("Location", "/1/client.json"),)),
        "the response is not one of status 200",
    ),
    "moved": (Published("", 301, headers=(("Location", "/other"),)), "the response is not one of status 200"),
    "html": (Published("<html></html>", 200, "text/html"), "it is not of type application/json"),
    "json as text": (Published("{}", 200, "text/plain"), "it is not of type application/json"),
    "no json": (Published("{"), "it is not JSON"),
    "a list": (Published("[]"), "it is not a JSON object"),
    "too long": ({"x": "y" * 6000}, "could not be fetched"),
    "compressed": (Published("{}", headers=(("Content-Encoding", "gzip"),)), "could not be fetched"),
    "another client_id": ({"client_id": "https://app.example.test/client.json"}, "its client_id is not the URL itself"),
    "a slash more": ({"client_id": "http://127.0.0.1/x/"}, "its client_id is not the URL itself"),
    "a secret": ({"client_secret": "s"}, "it holds a client_secret"),
    "an expiry": ({"client_secret_expires_at": 0}, "it holds a client_secret"),
    "basic": ({"token_endpoint_auth_method": "client_secret_basic"}, "is not none"),
    "a key": ({"token_endpoint_auth_method": "private_key_jwt"}, "is not none"),
    "no redirects": ({"redirect_uris": []}, "it has no redirect_uris"),
    "a script": ({"redirect_uris": ["javascript:alert(1)"]}, "redirect URI 1 must use https"),
    "plain http": ({"redirect_uris": ["http://app.example.test/cb"]}, "redirect URI 1 must use https"),
    "no name": ({"client_name": ""}, "the name must have 1 to 60 characters"),
    "an unseen name": ({"client_name": "Go\u202eod"}, "holds a character that can&#39;t be seen"),
    "implicit": ({"grant_types": ["implicit"]}, "its grant_types lack authorization_code"),
    "tokens": ({"response_types": ["token"]}, "its response_types lack code"),
}


def test_s232_what_is_no_good_document_is_refused_on_a_page_and_not_kept(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    for name, (bad, sentence) in BAD.items():
        path = f"/bad/{name.replace(' ', '-')}"
        publisher.pages[path] = bad if isinstance(bad, Published) else Published("")
        if isinstance(bad, dict):
            publisher.write(path, **bad)
        app = client_at(deployment, publisher.base_url + path)

        page = signed_in.get(app.authorize_path(**PKCE))

        assert sentence in message_of(page), name
        assert CALLBACK not in page.text, name
        assert record_of(app) is None, name
    assert len(publisher.requested) == len(BAD)  # no redirect was followed


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("{base}/a/../client.json", "has a dot segment"),
        ("{base}/a/%2e%2e/client.json", "has a dot segment"),
        ("{base}/client.json#f", "must not have a fragment"),
        ("{base}/client.json?a=b", "has a query"),
        ("{base}", "has no path"),
        ("https://user@127.0.0.1/client.json", "must not hold a user name"),
        ("https://2130706433/client.json", "must write its IP address in the plain form"),
        ("https://10.0.0.1/client.json", "the host has an address that is not public"),
        ("https://169.254.169.254/latest/meta-data", "the host has an address that is not public"),
        ("https://[::ffff:10.0.0.1]/client.json", "must write its IP address in the plain form"),
        ("http://app.example.test/client.json", "client_id is unknown"),
        ("HTTPS://app.example.test/client.json", "client_id is unknown"),
    ],
)
def test_s232_s221_what_is_no_good_url_is_refused_on_a_page(
    deployment: Deployment, publisher: Publisher, signed_in: Browser, url: str, sentence: str
) -> None:
    app = client_at(deployment, url.format(base=publisher.base_url))

    assert sentence in message_of(signed_in.get(app.authorize_path(**PKCE)))
    assert publisher.requested == []
    assert record_of(app) is None


def test_the_id_of_a_record_is_no_client_id(
    deployment: Deployment, publisher: Publisher, signed_in: Browser, person: Person
) -> None:
    app = publisher.publish(deployment)
    consent(signed_in, app)
    other = client_at(deployment, app_id(app.app.client_id))

    assert "client_id is unknown" in message_of(signed_in.get(other.authorize_path(**PKCE)))
    assert_error(other.refresh("x"), 401, "invalid_client")


def test_s223_an_account_fetches_only_so_many_documents(
    deployment: Deployment, publisher: Publisher, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)
    pages = []
    for number in range(62):  # an hour may end meanwhile
        pages.append(signed_in.get(client_at(deployment, f"{publisher.base_url}/{number}").authorize_path(**PKCE)))
        if pages[-1].status_code == 429:
            break

    assert pages[-1].status_code == 429
    assert 0 < int(pages[-1].headers["Retry-After"]) <= 3600
    assert len(publisher.requested) == len(pages) - 1 >= 30
    assert signed_in.get(app.authorize_path(**PKCE)).status_code == 429


# People and administrators


def test_a_stranger_is_among_the_connected_apps_and_can_be_revoked(
    deployment: Deployment, publisher: Publisher, person: Person, signed_in: Browser
) -> None:
    app = publisher.publish(deployment)
    tokens = app.tokens(person)
    page = signed_in.get(GRANTS_PAGE.path).text
    assert "Tool of a stranger" in page
    assert f"<bdi>{publisher.base_url.removeprefix('http://')}</bdi>" in page

    post(signed_in, GRANTS_PAGE.path, REVOKE_GRANT.at(client_id=app_id(app.app.client_id)))

    assert "Tool of a stranger" not in signed_in.get(GRANTS_PAGE.path).text
    assert_error(app.refresh(tokens["refresh_token"]), 400, "invalid_grant")


def test_administrators_find_stop_and_delete_what_came_by_itself(
    deployment: Deployment, publisher: Publisher, person: Person, admin: Browser
) -> None:
    app = publisher.publish(deployment)
    url, key = app.app.client_id, app_id(app.app.client_id)
    tokens = app.tokens(person)
    page, change = ADMIN_APP_PAGE.at(client_id=key), ADMIN_CHANGE_APP.at(client_id=key)

    for query in (f"q={url}", "status=documents", f"q={key}"):
        assert f"it came by its own document <bdi>{url}</bdi>" in admin.get(f"{ADMIN_APPS_PAGE.path}?{query}").text
    assert url in admin.get(page).text
    assert "Hand over" not in admin.get(page).text
    assert post(admin, page, change, action="hand_over", version="1", owner=person.name).status_code == 400

    assert post(admin, page, change, action="deactivate", reason="It is not what it says.").status_code == 303
    assert_error(app.refresh(tokens["refresh_token"]), 401, "invalid_client")
    browser = Browser(deployment.base_url)
    browser.sign_in(person.name, person.password)
    assert "the app is not active" in message_of(browser.get(app.authorize_path(**PKCE)))
    assert post(admin, page, change, action="activate").status_code == 303
    assert_error(app.refresh(tokens["refresh_token"]), 400, "invalid_grant")

    time.sleep(1.1)  # what is granted in the second of a decision is void
    again = app.tokens(person)
    version = str(record.version) if (record := record_of(app)) else ""
    assert post(admin, page, change, action="delete", version=version).status_code == 303
    assert record_of(app) is None
    time.sleep(1.1)
    assert_error(app.refresh(again["refresh_token"]), 401, "invalid_client")
    consent(browser, app)  # it comes as if for the first time
    assert_error(app.refresh(again["refresh_token"]), 400, "invalid_grant")
    assert stops(deployment, again["access_token"])


def test_an_app_with_an_owner_is_deleted_by_its_owner(admin: Browser, client: Client) -> None:
    page = ADMIN_APP_PAGE.at(client_id=client.app.client_id)
    change = ADMIN_CHANGE_APP.at(client_id=client.app.client_id)
    record = record_of(client)
    assert record is not None

    assert post(admin, page, change, action="delete", version=str(record.version)).status_code == 400
    assert record_of(client) is not None
