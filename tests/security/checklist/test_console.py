"""The console's pages about apps. Checklist I (S89 … S93)."""

import re

import pytest
import requests

from gatepost.identifiers import digest
from gatepost.routes import (
    APP_PAGE,
    APPS_PAGE,
    CREATE_APP,
    DELETE_APP,
    END_SECRET,
    NEW_APP_PAGE,
    NEW_SECRET,
    ROUTES,
    UPDATE_APP,
)
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, post
from tests.people import Client, Person, new_client, new_person

FIELDS = {
    "name": "My <b>app</b>",
    "url": "https://my.example.test/",
    "redirect_uris": "https://my.example.test/cb\r\nhttp://127.0.0.1/cb\r\n",
    "kind": "confidential",
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": ["read", "write"],
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a\u202eb"),
        ("name", "x" * 61),
        ("url", "ftp://my.example.test"),
        ("url", "javascript:alert(1)"),
        ("redirect_uris", "https://my.example.test/cb#x"),
        ("redirect_uris", "http://my.example.test/cb"),
        ("redirect_uris", "javascript:alert(1)"),
        ("redirect_uris", "https://*.example.test/cb"),
        ("redirect_uris", "https://user@my.example.test/cb"),
        ("redirect_uris", "/cb"),
        ("grant_types", []),
        ("grant_types", ["magic"]),
        ("scope", []),
        ("scope", ["admin"]),
        ("scope", ['re"ad']),
    ],
)
def test_s04_a_faulty_field_is_named_and_nothing_typed_is_lost(
    deployment: Deployment, signed_in: Browser, person: Person, field: str, value: object
) -> None:
    page = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **{**FIELDS, field: value})

    assert page.status_code == 400
    assert 'aria-invalid="true"' in page.text or 'role="alert"' in page.text
    if field != "name":
        assert "My &lt;b&gt;app&lt;/b&gt;" in page.text
    assert deployment.store.apps_of(person.user.user_id, cursor=None, limit=5).items == []


def test_s90_owner_status_and_credentials_can_not_be_chosen(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    other = new_person(deployment)
    chosen = {"owner": other.user.user_id, "status": "active", "client_id": "mine", "client_secret": "mine"}

    post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **FIELDS, **chosen)

    (app,) = deployment.store.apps_of(person.user.user_id, cursor=None, limit=5).items
    assert app.client_id != "mine"
    assert app.owner == person.user.user_id


def test_s89_anothers_app_looks_as_if_there_were_none(deployment: Deployment, browser: Browser, client: Client) -> None:
    other = new_person(deployment)
    browser.sign_in(other.name, other.password)
    own = new_client(deployment, other)
    client_id = client.app.client_id
    secret = END_SECRET.at(client_id=client_id, secret_id=client.app.secrets[0].secret_id)
    own_page = APP_PAGE.at(client_id=own.app.client_id)

    nothing = browser.get(APP_PAGE.at(client_id="00000000-0000-4000-8000-000000000000"))
    theirs = browser.get(APP_PAGE.at(client_id=client_id))
    assert nothing.status_code == theirs.status_code == 404
    assert client.app.name not in theirs.text
    for path in (UPDATE_APP.at(client_id=client_id), DELETE_APP.at(client_id=client_id), secret):
        assert post(browser, own_page, path, confirm_name=client.app.name, **FIELDS).status_code == 404
    assert post(browser, own_page, NEW_SECRET.at(client_id=client_id)).status_code == 404
    for odd in ("count%23x", "name%23x", "x" * 1500, "%00", ".."):
        assert browser.get(f"{APPS_PAGE.path}/{odd}").status_code in (404, 303)
    assert client.app.name not in browser.get(APPS_PAGE.path).text
    assert client.token(grant_type="client_credentials").status_code == 200


def test_s91_nothing_happens_without_the_form_of_this_session(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    path = DELETE_APP.at(client_id=client.app.client_id)
    token = client.token(grant_type="client_credentials").json()["access_token"]

    assert signed_in.post(path, {"confirm_name": client.app.name}).status_code == 400
    foreign = signed_in.post(path, {"confirm_name": client.app.name}, headers={"Origin": "https://evil.test"})
    assert foreign.status_code == 400
    bearer = requests.post(
        deployment.base_url + path, headers={"Authorization": f"Bearer {token}"}, timeout=30, allow_redirects=False
    )
    assert bearer.status_code == 303  # to the sign-in page
    assert signed_in.get(path).status_code == 405
    assert client.token(grant_type="client_credentials").status_code == 200


def test_s92_markup_in_an_app_is_text_on_every_page_that_names_it(signed_in: Browser, client: Client) -> None:
    markup = "<svg onload=alert(1)>"
    made = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **{**FIELDS, "name": markup})
    assert made.status_code == 200

    path = re.search(r"/developer/apps/[0-9a-f-]{36}", made.text)
    assert path
    for page in (made, signed_in.get(APPS_PAGE.path), signed_in.get(path[0])):
        assert "&lt;svg onload=alert(1)&gt;" in page.text
        assert "<svg onload" not in page.text


def test_s93_the_console_shows_a_secret_once_and_no_hash_ever(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    made = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **FIELDS)
    (app,) = deployment.store.apps_of(person.user.user_id, cursor=None, limit=5).items
    (kept,) = app.secrets
    shown = [each for each in re.findall(r"[A-Za-z0-9_-]{43}", made.text) if digest(each) == kept.secret_hash]

    assert len(set(shown)) == 1
    assert made.headers["Cache-Control"] == "no-store"
    for page in (signed_in.get(APPS_PAGE.path), signed_in.get(APP_PAGE.at(client_id=app.client_id)), made):
        assert (shown[0] in page.text) is (page is made)
        assert kept.secret_hash not in page.text


def test_s91_no_page_changes_anything_when_it_is_opened(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    client_id = client.app.client_id
    known = {"client_id": client_id, "secret_id": client.app.secrets[0].secret_id, "session_id": "x", "user_id": "x"}
    (before,) = deployment.store.read(AppKey(client_id))

    for route in ROUTES:
        if route.method == "GET" and route.path.startswith("/developer"):
            signed_in.get(route.at(**known))
            signed_in.get(f"{route.at(**known)}?confirm_name={client.app.name}&form_token=x&decision=allow")

    assert deployment.store.read(AppKey(client_id)) == (before,)
    assert signed_in.get(APPS_PAGE.path).status_code == 200
    assert client.token(grant_type="client_credentials").status_code == 200
