"""Apps in the console and in the consumer API: others' apps, fields, forms, texts, secrets (S04, S89 … S93, S100)."""

import re

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
from tests.http.consumer import Consumer
from tests.people import Client, Person, entered, new_client, new_person

FIELDS = {
    "name": "My <b>app</b>",
    "url": "https://my.example.test/",
    "redirect_uris": "https://my.example.test/cb\r\nhttp://127.0.0.1/cb\r\n",
    "kind": "confidential",
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": ["read", "write"],
}
NOWHERE = "0a0b0c0d-0000-4000-8000-000000000000"


def test_s04_s90_a_faulty_field_is_named_nothing_typed_is_lost_and_no_other_field_is_read(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    for field, value in (
        ("name", "a\u202eb"),
        ("url", "javascript:alert(1)"),
        ("redirect_uris", "https://my.example.test/cb#x"),
        ("grant_types", []),
        ("scope", ["admin"]),
    ):
        page = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **{**FIELDS, field: value})
        assert page.status_code == 400
        assert 'aria-invalid="true"' in page.text or 'role="alert"' in page.text
        assert field == "name" or "My &lt;b&gt;app&lt;/b&gt;" in page.text
    assert deployment.store.apps_of(person.user.user_id, cursor=None, limit=5).items == []

    chosen = {"owner": new_person(deployment).user.user_id, "status": "active", "client_id": "mine"}
    post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **FIELDS, **chosen)
    (app,) = deployment.store.apps_of(person.user.user_id, cursor=None, limit=5).items
    assert app.client_id != "mine"
    assert app.owner == person.user.user_id


def test_s89_anothers_app_looks_as_if_there_were_none(deployment: Deployment, client: Client) -> None:
    other = new_person(deployment)
    browser, own_page = entered(deployment, other), APP_PAGE.at(client_id=new_client(deployment, other).app.client_id)
    client_id = client.app.client_id
    secret = END_SECRET.at(client_id=client_id, secret_id=client.app.secrets[0].secret_id)

    nothing, theirs = (browser.get(APP_PAGE.at(client_id=each)) for each in (NOWHERE, client_id))
    assert nothing.status_code == theirs.status_code == 404
    assert client.app.name not in theirs.text
    for path in (*(route.at(client_id=client_id) for route in (UPDATE_APP, DELETE_APP, NEW_SECRET)), secret):
        assert post(browser, own_page, path, confirm_name=client.app.name, **FIELDS).status_code == 404
    for odd in ("count%23x", "name%23x", "x" * 1500, "%00", ".."):
        assert browser.get(f"{APPS_PAGE.path}/{odd}").status_code in (404, 303)
    assert client.app.name not in browser.get(APPS_PAGE.path).text
    assert client.token(grant_type="client_credentials").status_code == 200


def test_s91_nothing_happens_without_the_form_of_this_session_or_by_opening_a_page(
    deployment: Deployment, signed_in: Browser, client: Client
) -> None:
    client_id, url = client.app.client_id, deployment.base_url
    path, typed = DELETE_APP.at(client_id=client_id), {"confirm_name": client.app.name}
    token = client.token(grant_type="client_credentials").json()["access_token"]
    (before,) = deployment.store.read(AppKey(client_id))

    assert signed_in.post(path, typed).status_code == 400
    assert signed_in.post(path, typed, headers={"Origin": "https://evil.test"}).status_code == 400
    bearer = {"Authorization": f"Bearer {token}"}
    assert requests.post(url + path, headers=bearer, timeout=30, allow_redirects=False).status_code == 303  # to sign in
    known = {"client_id": client_id, "secret_id": client.app.secrets[0].secret_id, "session_id": "x", "user_id": "x"}
    known["digest"] = "x"
    for route in ROUTES:
        if route.method == "GET" and route.path.startswith("/developer"):
            signed_in.get(f"{route.at(**known)}?confirm_name={client.app.name}&form_token=x&decision=allow")

    assert deployment.store.read(AppKey(client_id)) == (before,)
    assert signed_in.get(APPS_PAGE.path).status_code == 200
    assert client.token(grant_type="client_credentials").status_code == 200


def test_s91_s92_s100_a_session_a_form_of_another_site_and_a_smaller_token_open_nothing_of_the_api(
    deployment: Deployment, signed_in: Browser, client: Client, person: Person
) -> None:
    for origin in ({}, {"Origin": "https://evil.test"}, {"Origin": signed_in.base_url}):
        headers = {"Content-Type": "application/json", **origin}
        assert signed_in.post("/consumer/app", "{}", headers=headers).status_code == 401
    assert signed_in.get("/consumer/account").status_code == 401
    small = {"Authorization": f"Bearer {client.tokens(person, scope='read')['access_token']}"}
    assert requests.get(f"{deployment.base_url}/consumer/app", headers=small, timeout=30).status_code == 403

    consumer, evil = Consumer(deployment, person), {"Origin": "https://evil.test"}
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        sent = consumer.call("POST", "/consumer/app", data="{}", headers={"Content-Type": content_type, **evil})
        assert sent.status_code == 415
    for body in (b"[]", b'{"name": NaN}', rb'{"\ud800": 1}', b"[" * 50_000, b'{"owner": "x"}'):
        refused = consumer.call("POST", "/consumer/app", data=body, headers={"Content-Type": "application/json"})
        assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/problem+json")
    for answer in (
        consumer.call("GET", "/consumer/app", headers=evil),
        requests.options(f"{deployment.base_url}/consumer/app", headers=evil, timeout=30),
    ):
        assert "access-control-allow-origin" not in answer.headers


def test_s92_s93_markup_is_text_and_a_secret_is_shown_once_on_pages_and_its_hash_never(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    made = post(signed_in, NEW_APP_PAGE.path, CREATE_APP.path, **{**FIELDS, "name": "<svg onload=alert(1)>"})
    (app,) = deployment.store.apps_of(person.user.user_id, cursor=None, limit=5).items
    (kept,) = app.secrets
    shown = [each for each in re.findall(r"[A-Za-z0-9_-]{43}", made.text) if digest(each) == kept.secret_hash]

    assert len(set(shown)) == 1
    assert made.headers["Cache-Control"] == "no-store"
    for page in (signed_in.get(APPS_PAGE.path), signed_in.get(APP_PAGE.at(client_id=app.client_id)), made):
        assert (shown[0] in page.text) is (page is made)
        assert kept.secret_hash not in page.text
        assert "&lt;svg onload=alert(1)&gt;" in page.text
        assert "<svg onload" not in page.text


def test_s92_s93_so_it_is_in_the_api(deployment: Deployment, person: Person) -> None:
    consumer = Consumer(deployment, person)
    made = consumer.created(name="<script>alert(1)</script>")
    secret, later = made.json()["client_secret"], ("/consumer/app", made.headers["Location"])

    assert made.json()["name"] == "<script>alert(1)</script>"
    for answer in (made, *(consumer.call("GET", path) for path in later)):
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert (secret in answer.text) is (answer is made)
        assert digest(secret) not in answer.text
        assert "hash" not in answer.text
