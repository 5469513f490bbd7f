"""/developer/apps: the user's own apps. Checklist I (S89 … S93)."""

import re

import requests

from gatepost.routes import (
    APP_PAGE,
    APPS_PAGE,
    CREATE_APP,
    DELETE_APP,
    EDIT_APP_PAGE,
    END_SECRET,
    LABEL_SECRET,
    NEW_APP_PAGE,
    NEW_SECRET,
    SECRET_PAGE,
    UPDATE_APP,
)
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, post
from tests.http.consumer import WEATHER, Consumer
from tests.http.documents import PKCE, Publisher, message_of
from tests.http.registering import PROGRAM, register
from tests.people import Client, Person, new_client, new_person

FIELDS = {
    "name": "My <b>app</b>",
    "url": "https://my.example.test/",
    "redirect_uris": "https://my.example.test/cb\r\nhttp://127.0.0.1/cb\r\n",
    "kind": "confidential",
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": ["read", "write"],
}


def secret_on(page: requests.Response) -> str:
    found = re.search(r"[A-Za-z0-9_-]{43}(?=<)", page.text)
    assert found, page.text[-4000:]
    return found[0]


def test_a_job_is_registered_without_a_website_and_gets_tokens(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    job = {**FIELDS, "name": "Job", "url": "", "redirect_uris": "", "grant_types": ["client_credentials"]}
    page = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **job)
    client_id = re.search(r"/developer/apps/([0-9a-f-]{36})", page.text)
    assert client_id
    (app,) = deployment.store.read(AppKey(client_id[1]))
    assert app is not None
    client = Client(deployment=deployment, app=app, secret=secret_on(page))
    token = client.token(grant_type="client_credentials")
    there = APP_PAGE.at(client_id=app.client_id)
    edit = EDIT_APP_PAGE.at(client_id=app.client_id)

    shown = signed_in.get(there).text
    refused = post(signed_in, edit, edit, version=app.version, **{**job, "grant_types": ["authorization_code"]})
    renamed = post(signed_in, edit, edit, version=app.version, **{**job, "name": "Night job"})

    assert (token.status_code, token.json()["scope"]) == (200, "read")  # the default
    assert "None. People are never sent to this app" in shown
    for path in ("/.well-known/oauth-authorization-server", "/authorization/token", "/.well-known/jwks.json"):
        assert f">{deployment.base_url}{path}</code>" in shown
    assert "An app that people return to after sign-in needs a website." in refused.text
    assert renamed.status_code == 303
    asked = signed_in.get(client.authorize_path(redirect_uri="https://evil.example.test/"))
    assert (asked.status_code, "Location" in asked.headers) == (400, False)


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
    again = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **FIELDS)
    assert again.status_code == 400
    assert "You already have an app with this name." in again.text


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


def test_s182_a_secret_has_a_label_and_its_page_asks_before_it_ends(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    client_id = client.app.client_id
    page = APP_PAGE.at(client_id=client_id)
    post(signed_in, page, NEW_SECRET.at(client_id=client_id), label="<b>Staging</b>")
    (app,) = deployment.store.read(AppKey(client_id))
    assert app is not None
    first, second = app.secrets
    assert (first.label, second.label) == ("", "<b>Staging</b>")
    assert "&lt;b&gt;Staging&lt;/b&gt;" in signed_in.get(page).text
    assert "<b>Staging" not in signed_in.get(page).text

    client.token(grant_type="client_credentials")
    asked = signed_in.get(SECRET_PAGE.at(client_id=client_id, secret_id=first.secret_id))
    assert "End this secret?" in asked.text
    assert "today" in asked.text
    assert signed_in.get(page).text.count("today") >= 2  # the last use of app and secret
    assert first.secret_hash not in asked.text
    assert client.token(grant_type="client_credentials").status_code == 200  # asking ends nothing

    path = LABEL_SECRET.at(client_id=client_id, secret_id=first.secret_id)
    assert post(signed_in, page, path, label="  Old server ").status_code == 303
    for bad in ("x" * 61, client.secret):
        assert post(signed_in, page, path, label=bad).status_code == 400
    (app,) = deployment.store.read(AppKey(client_id))
    assert app is not None
    assert [each.label for each in app.secrets] == ["Old server", "<b>Staging</b>"]


def test_s182_nobody_elses_secret_has_a_page(deployment: Deployment, signed_in: Browser, client: Client) -> None:
    other = new_client(deployment, new_person(deployment))
    at = {"client_id": client.app.client_id, "secret_id": other.app.secrets[0].secret_id}

    assert signed_in.get(SECRET_PAGE.at(**{**at, "client_id": other.app.client_id})).status_code == 404
    assert signed_in.get(SECRET_PAGE.at(**at)).status_code == 404
    post(signed_in, APP_PAGE.at(client_id=client.app.client_id), LABEL_SECRET.at(**at), label="Mine")
    (unchanged,) = deployment.store.read(AppKey(other.app.client_id))
    assert unchanged == other.app


def test_deleting_needs_the_name_typed(deployment: Deployment, signed_in: Browser, client: Client) -> None:
    page, path = APP_PAGE.at(client_id=client.app.client_id), DELETE_APP.at(client_id=client.app.client_id)

    refused = post(signed_in, page, path, confirm_name="something")
    assert refused.status_code == 400
    assert client.token(grant_type="client_credentials").status_code == 200

    assert post(signed_in, page, path, confirm_name=client.app.name).status_code == 303
    assert client.token(grant_type="client_credentials").status_code == 401


def test_s361_nothing_gets_a_name_that_shows_less_than_it_holds(
    deployment: Deployment, signed_in: Browser, person: Person, client: Client, publisher: Publisher
) -> None:
    name, fault = "Bank\u3164", "holds a character that can’t be seen"
    here = APP_PAGE.at(client_id=client.app.client_id)
    label = post(signed_in, here, NEW_SECRET.at(client_id=client.app.client_id), label=name)
    page = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **{**FIELDS, "name": name})
    api = Consumer(deployment, person).call("POST", "/consumer/app", json={**WEATHER, "name": name})
    document = message_of(signed_in.get(publisher.publish(deployment, client_name=name).authorize_path(**PKCE)))
    registered = register(deployment, {**PROGRAM, "client_name": name})

    assert (label.status_code, page.status_code, api.status_code) == (400, 400, 400)
    for text in (label.text, page.text, document):
        assert fault in text.replace("&#39;", "’")
    assert registered.json()["client_name"] == "Bank"
