"""/developer/apps: the user's own apps. Checklist I (S89 … S93)."""

import re

import requests

from gatepost.routes import (
    APP_PAGE,
    APP_SECRETS_PAGE,
    APP_TRY_PAGE,
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
from tests.answers import assert_page
from tests.browsing import Browser, form_of, post
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


def created(signed_in: Browser, deployment: Deployment, **changes: object) -> tuple[requests.Response, Client]:
    """Register an app by the form; return the page with its secret, and the app."""
    page = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **{**FIELDS, **changes})
    assert page.status_code == 200
    client_id = re.search(r"/developer/apps/([0-9a-f-]{36})", page.text)
    assert client_id
    (app,) = deployment.store.read(AppKey(client_id[1]))
    assert app is not None
    return page, Client(deployment=deployment, app=app, secret=secret_on(page))


def test_two_questions_lead_to_a_form_that_is_right_already(signed_in: Browser) -> None:
    questions = signed_in.get(NEW_APP_PAGE.path)
    nameless = signed_in.get(f"{NEW_APP_PAGE.path}?what=job&name=+")
    form = form_of(signed_in.get(f"{NEW_APP_PAGE.path}?what=job&name=Night+job"), CREATE_APP.path)

    assert "What is it?" in questions.text
    assert (nameless.status_code, "Give the app a name." in nameless.text) == (400, True)
    assert (form.fields["name"], form.fields["kind"]) == ("Night job", "confidential")
    made = signed_in.post(CREATE_APP.path, form.fields)
    assert "Night job</bdi> is created" in made.text


def test_a_job_is_registered_without_a_website_and_gets_tokens(deployment: Deployment, signed_in: Browser) -> None:
    job = {**FIELDS, "name": "Job", "url": "", "redirect_uris": "", "grant_types": ["client_credentials"]}
    _, client = created(signed_in, deployment, **job)
    edit, version = EDIT_APP_PAGE.at(client_id=client.app.client_id), client.app.version

    token = client.token(grant_type="client_credentials")
    assert (token.status_code, token.json()["scope"]) == (200, "read")  # the default
    shown = signed_in.get(APP_PAGE.at(client_id=client.app.client_id)).text
    assert "None. People are never sent to this app" in shown
    to_try = signed_in.get(APP_TRY_PAGE.at(client_id=client.app.client_id)).text
    for path in ("/.well-known/openid-configuration", "/authorization/token", "/.well-known/jwks.json"):
        assert f">{deployment.base_url}{path}</code>" in to_try
    refused = post(signed_in, edit, edit, version=version, **{**job, "grant_types": ["authorization_code"]})
    assert "An app that people return to after sign-in needs a website." in refused.text
    assert post(signed_in, edit, edit, version=version, **{**job, "name": "Night job"}).status_code == 303
    assert_page(signed_in.get(client.authorize_path(redirect_uri="https://evil.example.test/")))


def test_an_app_is_created_with_a_secret_that_is_shown_once_edited_and_deleted(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    page, client = created(signed_in, deployment)
    app = client.app
    assert page.headers["Cache-Control"] == "no-store"
    assert "My &lt;b&gt;app&lt;/b&gt;" in page.text
    assert "<b>app" not in page.text
    assert app.redirect_uris == ("https://my.example.test/cb", "http://127.0.0.1/cb")
    assert client.tokens_with(person, "https://my.example.test/cb")["scope"] == "read"
    shown, edit = APP_PAGE.at(client_id=app.client_id), EDIT_APP_PAGE.at(client_id=app.client_id)
    for path in (APPS_PAGE.path, shown):
        later = signed_in.get(path).text
        assert client.secret not in later
        assert app.secrets[0].secret_hash not in later
    again = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **FIELDS)
    assert (again.status_code, "You already have an app with this name." in again.text) == (400, True)

    fields = {**FIELDS, "name": "Renamed", "version": app.version}
    changed = post(signed_in, edit, UPDATE_APP.at(client_id=app.client_id), **fields)
    stale = post(signed_in, edit, UPDATE_APP.at(client_id=app.client_id), **{**fields, "name": "Too late"})
    assert (changed.status_code, stale.status_code) == (303, 412)
    assert "The app was changed." in signed_in.get(changed.headers["Location"]).text
    (kept,) = deployment.store.read(AppKey(app.client_id))
    assert kept is not None
    assert (kept.name, kept.version, kept.scope) == ("Renamed", app.version + 1, {"read", "write"})

    path = DELETE_APP.at(client_id=app.client_id)
    typed = [post(signed_in, shown, path, confirm_name=name).status_code for name in ("something", "Renamed")]
    assert typed == [400, 303]
    assert deployment.store.read(AppKey(app.client_id)) == (None,)
    assert client.refresh("x").json()["error"] == "invalid_client"


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
    page = APP_SECRETS_PAGE.at(client_id=client_id)
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
    assert "today" in signed_in.get(page).text
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
