"""The consumer API (JSON). Checklist I (S89 … S93)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from gatepost.identifiers import digest
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.http.consumer import CHANGE, WEATHER, Consumer
from tests.people import Client, Person, new_person

PROBLEM = "application/problem+json"


NOWHERE = "0a0b0c0d-0000-4000-8000-000000000000"


@pytest.fixture
def consumer(deployment: Deployment, person: Person) -> Consumer:
    return Consumer(deployment, person)


@pytest.fixture(scope="module")
def other(deployment: Deployment) -> Consumer:
    """Another user."""
    return Consumer(deployment, new_person(deployment))


@pytest.mark.parametrize(
    ("method", "below", "document"),
    [
        ("GET", "", None),
        ("PUT", "", CHANGE),
        ("DELETE", "", None),
        ("POST", "/secret", None),
        ("DELETE", "/secret/{secret_id}", None),
    ],
)
def test_s89_anothers_app_is_as_if_it_did_not_exist(
    consumer: Consumer, other: Consumer, deployment: Deployment, method: str, below: str, document: Any
) -> None:
    made = consumer.created(grant_types=["client_credentials"]).json()
    below = below.format(secret_id=made["secrets"][0]["secret_id"])
    options = {"json": document, "headers": {"If-Match": "*"}}
    theirs = f"/consumer/app/{made['client_id']}{below}"
    refused, absent = (
        other.call(method, theirs, **options),
        other.call(method, f"/consumer/app/{NOWHERE}{below}", **options),
    )
    nobody = requests.request(method, deployment.base_url + theirs, timeout=30, **options)

    assert refused.status_code == absent.status_code == 404
    assert refused.text == absent.text
    assert nobody.status_code == 401
    (app,) = deployment.store.read(AppKey(made["client_id"]))
    assert app is not None
    client = Client(deployment=deployment, app=app, secret=made["client_secret"])
    assert client.token(grant_type="client_credentials").status_code == 200
    assert (app.name, app.version) == ("Weather", 1)


@pytest.mark.parametrize(
    "odd", ["x" * 3000, "%00", "%23", "count%23{user_id}", "name%23{user_id}%23x", "%FF", "%2e%2e", "%20", "a%2Fb"]
)
def test_s89_an_odd_id_is_not_found(consumer: Consumer, odd: str) -> None:
    made = consumer.created()
    odd = odd.format(user_id=consumer.person.user.user_id)
    for method, path in (
        ("GET", f"/consumer/app/{odd}"),
        ("DELETE", f"/consumer/app/{odd}"),
        ("POST", f"/consumer/app/{odd}/secret"),
        ("DELETE", f"{made.headers['Location']}/secret/{odd}"),
        ("DELETE", f"/consumer/grant/{odd}"),
    ):
        assert consumer.call(method, path).status_code == 404, path
    assert len(consumer.call("GET", "/consumer/app").json()["items"]) == 1


@pytest.mark.parametrize(
    "name",
    [
        "owner",
        "user_id",
        "status",
        "client_id",
        "client_secret",
        "secret",
        "secrets",
        "secret_hash",
        "id",
        "pk",
        "role",
        "is_admin",
        "trusted",
        "skip_consent",
        "access_token_lifetime",
        "grants_valid_from",
        "version",
        "logo_uri",
        "__proto__",
    ],
)
def test_s90_a_field_that_is_not_the_owners_is_refused_by_name(consumer: Consumer, name: str) -> None:
    made = consumer.created()
    path = made.headers["Location"]
    for refused in (
        consumer.call("POST", "/consumer/app", json={**WEATHER, "name": "Another", name: "x"}),
        consumer.call("PUT", path, json={**CHANGE, name: "x"}, headers={"If-Match": made.headers["ETag"]}),
    ):
        assert (refused.status_code, refused.headers["Content-Type"]) == (400, PROBLEM)
        assert refused.json() == {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "Some fields are not valid.",
            "errors": [{"field": name, "detail": "This field can't be set here."}],
        }
    (only,) = consumer.call("GET", "/consumer/app").json()["items"]
    assert (only["name"], consumer.call("GET", path).headers["ETag"]) == ("Weather", made.headers["ETag"])


@pytest.mark.parametrize("scope", [["admin"], ["read", "admin"], "admin", [""], ['read"'], ["read write"], [None]])
def test_s90_a_scope_that_the_server_does_not_offer_is_not_given(consumer: Consumer, scope: Any) -> None:
    refused = consumer.call("POST", "/consumer/app", json={**WEATHER, "scope": scope})

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"].startswith("scope")


def test_s91_a_session_cookie_opens_nothing_of_the_api(signed_in: Browser, client: Client) -> None:
    for origin in ({}, {"Origin": "https://evil.test"}, {"Origin": signed_in.base_url}):
        for path in ("/consumer/app", f"/consumer/app/{client.app.client_id}/secret"):
            answer = signed_in.post(path, "{}", headers={"Content-Type": "application/json", **origin})
            assert answer.status_code == 401
    assert signed_in.get("/consumer/account").status_code == 401


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_s91_what_a_form_of_another_site_can_send_is_415(consumer: Consumer, content_type: str) -> None:
    headers = {"Content-Type": content_type, "Origin": "https://evil.test"}

    assert consumer.call("POST", "/consumer/app", data="{}", headers=headers).status_code == 415


def test_s91_a_token_without_the_scope_is_refused_before_it_reaches_the_api(
    deployment: Deployment, client: Client, person: Person
) -> None:
    token = client.tokens(person, scope="read")["access_token"]
    answer = requests.get(
        f"{deployment.base_url}/consumer/app", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )

    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["url", "redirect_uris"])
@pytest.mark.parametrize("uri", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "\\\\evil.test"])
def test_s92_a_uri_that_could_run_is_400(consumer: Consumer, name: str, uri: str) -> None:
    refused = consumer.call("POST", "/consumer/app", json={**WEATHER, name: uri if name == "url" else [uri]})

    assert (refused.status_code, refused.json()["errors"][0]["field"].startswith(name)) == (400, True)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 400),
        (b"[{}]", 400),
        (b"null", 400),
        (b"1", 400),
        (b'"x"', 400),
        (b"{", 400),
        (b"", 415),
        (b"{} {}", 400),
        (b'{"name": NaN}', 400),
        (b'{"name": 1e999}', 400),
        (rb'{"name": "\ud800"}', 400),
        (rb'{"\ud800": 1}', 400),
        (b'{"name": "\xff"}', 400),
        (b"\xff\xfe{}", 400),
        (b"[" * 50_000, 400),
        (b'{"a":' * 10_000, 400),
        (b'{"name": "' + b"x" * 1_000_000 + b'"}', 413),
        (b'{"name": ' + b"9" * 5000 + b"}", 400),
        (b'{"name": "\x00"}', 400),
        (b'{"a": 1, "a": 1}', 400),
    ],
    ids=range(20),
)
def test_s92_a_bad_body_is_never_a_failure(consumer: Consumer, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"} if body else {}
    refused = consumer.call("POST", "/consumer/app", data=body, headers=headers)

    assert (refused.status_code, refused.headers["Content-Type"]) == (status, PROBLEM)


def test_s92_markup_comes_back_as_json(consumer: Consumer) -> None:
    made = consumer.created(name="<script>alert(1)</script>")

    assert made.headers["Content-Type"] == "application/json"
    assert made.headers["X-Content-Type-Options"] == "nosniff"
    assert made.json()["name"] == "<script>alert(1)</script>"


def test_s93_a_secret_is_shown_once_and_its_hash_never(consumer: Consumer) -> None:
    made = consumer.created()
    secret, path = made.json()["client_secret"], made.headers["Location"]
    later = [consumer.call("GET", path), consumer.call("GET", "/consumer/app")]

    assert made.headers["Cache-Control"] == "no-store"
    for answer in later:
        assert answer.headers["Cache-Control"] == "no-store"
        assert secret not in answer.text
        assert '"client_secret"' not in answer.text
    assert not [answer for answer in (made, *later) if digest(secret) in answer.text or "hash" in answer.text]


def test_s100_no_other_origin_may_read_it(consumer: Consumer, deployment: Deployment) -> None:
    answer = consumer.call("GET", "/consumer/app", headers={"Origin": "https://evil.test"})
    asked = requests.options(f"{deployment.base_url}/consumer/app", headers={"Origin": "https://evil.test"}, timeout=30)

    assert answer.status_code == 200
    for each in (answer, asked):
        assert "access-control-allow-origin" not in each.headers


def test_s89_what_somebody_else_granted_is_not_found(consumer: Consumer, other: Consumer) -> None:
    theirs = other.tool.app.client_id

    assert consumer.call("DELETE", f"/consumer/grant/{theirs}").status_code == 404
    assert other.call("GET", "/consumer/account").status_code == 200
