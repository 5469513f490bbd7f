"""/developer/apps: an owner's apps. Checklist I (S89 … S93)."""

import re

import pytest
import requests

from gatepost.routes import (
    APP_PAGE,
    APPS_PAGE,
    CREATE_APP,
    DELETE_APP,
    EDIT_APP_PAGE,
    END_SECRET,
    NEW_APP_PAGE,
    NEW_SECRET,
    UPDATE_APP,
)
from gatepost.stores.keys import AppKey
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import Client, Person, new_client, new_person

FIELDS = {
    "name": "My <b>app</b>",
    "url": "https://my.example.test/",
    "redirect_uris": "https://my.example.test/cb\r\nhttp://127.0.0.1/cb\r\n",
    "kind": "confidential",
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": ["read", "write"],
}


@pytest.fixture
def signed_in(browser: Browser, person: Person) -> Browser:
    browser.sign_in(person.name, person.password)
    return browser


def post(browser: Browser, page: str, path: str, **fields: object) -> requests.Response:
    """Post to `path` with the form token of `page`."""
    token = re.search(r'name="form_token" value="([^"]+)"', browser.get(page).text)
    assert token
    return browser.post(path, {"form_token": token[1], **fields}, headers={"Origin": browser.base_url})


def secret_on(page: requests.Response) -> str:
    found = re.search(r"[A-Za-z0-9_-]{43}(?=<)", page.text)
    assert found, page.text[-4000:]
    return found[0]


def test_an_app_is_created_and_its_secret_shown_once(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    page = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **FIELDS)

    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "My &lt;b&gt;app&lt;/b&gt;" in page.text
    assert "<b>app" not in page.text
    client_id = re.search(r"/developer/apps/([0-9a-f-]{36})", page.text)
    assert client_id
    (app,) = deployment.store.read(AppKey(client_id[1]))
    assert app is not None
    assert app.redirect_uris == ("https://my.example.test/cb", "http://127.0.0.1/cb")
    client = Client(deployment=deployment, app=app, secret=secret_on(page))
    assert client.tokens_with(person, "https://my.example.test/cb")["scope"] == "read"
    for path in (APPS_PAGE.path, APP_PAGE.at(client_id=app.client_id)):
        later = signed_in.get(path).text
        assert client.secret not in later
        assert app.secrets[0].secret_hash not in later


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


def test_names_are_unique_per_owner_and_apps_limited(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **FIELDS)
    again = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **FIELDS)
    for number in range(15):
        new_client(deployment, person, name=f"Another {number}")
    beyond = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **{**FIELDS, "name": "One more"})

    assert again.status_code == beyond.status_code == 400
    assert "You already have an app of this name." in again.text
    assert "limit of 16 apps" in beyond.text


def test_an_edit_is_kept_and_a_stale_one_is_refused(deployment: Deployment, signed_in: Browser, client: Client) -> None:
    edit, path = EDIT_APP_PAGE.at(client_id=client.app.client_id), UPDATE_APP.at(client_id=client.app.client_id)
    changed = {**FIELDS, "name": "Renamed", "version": "1"}

    first = post(signed_in, edit, path, **changed)
    stale = post(signed_in, edit, path, **{**changed, "name": "Too late"})

    assert first.status_code == 303
    assert stale.status_code == 412
    (app,) = deployment.store.read(AppKey(client.app.client_id))
    assert app is not None
    assert (app.name, app.version, app.scope) == ("Renamed", 2, {"read", "write"})
    assert "The app was changed." in signed_in.get(first.headers["Location"]).text


def test_s58_a_second_secret_works_beside_the_first_until_that_is_ended(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    client_id = client.app.client_id
    page = APP_PAGE.at(client_id=client_id)
    second = secret_on(post(signed_in, page, NEW_SECRET.at(client_id=client_id)))
    third = post(signed_in, page, NEW_SECRET.at(client_id=client_id))
    ask = {"grant_type": "client_credentials"}

    assert third.status_code == 303  # two are the most
    for secret in (client.secret, second):
        assert client.token(auth=(client_id, secret), **ask).status_code == 200
    first_id = client.app.secrets[0].secret_id
    assert post(signed_in, page, END_SECRET.at(client_id=client_id, secret_id=first_id)).status_code == 303
    assert client.token(auth=(client_id, client.secret), **ask).status_code == 401
    assert client.token(auth=(client_id, second), **ask).status_code == 200
    (app,) = deployment.store.read(AppKey(client_id))
    assert app is not None
    only = app.secrets[0].secret_id
    post(signed_in, page, END_SECRET.at(client_id=client_id, secret_id=only))
    assert client.token(auth=(client_id, second), **ask).status_code == 200  # the last one can't be ended


def test_the_page_tells_when_app_and_secret_were_last_used(signed_in: Browser, client: Client) -> None:
    page = APP_PAGE.at(client_id=client.app.client_id)
    assert "today" not in signed_in.get(page).text

    client.token(grant_type="client_credentials")

    assert signed_in.get(page).text.count("today") >= 2


def test_deleting_needs_the_name_typed(deployment: Deployment, signed_in: Browser, client: Client) -> None:
    page, path = APP_PAGE.at(client_id=client.app.client_id), DELETE_APP.at(client_id=client.app.client_id)

    refused = post(signed_in, page, path, confirm_name="something")
    assert refused.status_code == 400
    assert client.token(grant_type="client_credentials").status_code == 200

    assert post(signed_in, page, path, confirm_name=client.app.name).status_code == 303
    assert client.token(grant_type="client_credentials").status_code == 401


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
    assert signed_in.get(path).status_code == 404
    assert client.token(grant_type="client_credentials").status_code == 200


def test_who_is_not_signed_in_is_sent_to_sign_in_and_comes_back(browser: Browser, person: Person) -> None:
    answer = browser.get(APPS_PAGE.path)

    assert answer.headers["Location"] == "/developer/login?next=/developer/apps"
    assert browser.sign_in(person.name, person.password, APPS_PAGE.path).headers["Location"] == APPS_PAGE.path
