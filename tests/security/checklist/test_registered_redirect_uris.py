"""Redirect URIs that an app may register (S04, S139)."""

from typing import Any

import pytest

from infra.local.deployment import Deployment
from tests.answers import assert_page
from tests.browsing import Browser, answer_of
from tests.http.consumer import Consumer
from tests.people import Person, new_client, new_person


@pytest.fixture(scope="module")
def developer(deployment: Deployment) -> Consumer:
    """A user without an app, who tries to register one."""
    return Consumer(deployment, new_person(deployment))


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://my.example.test/cb#x",
        "https://my.example.test/cb#",
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "http://my.example.test/cb",
        "http://127.0.0.1.evil.test/cb",
        "/cb",
        "my.example.test/cb",
        "//my.example.test/cb",
        "https://*.example.test/cb",
        "https://my.example.test/*\\",
        "https://user@my.example.test/cb",
        "https:///cb",
        "https://my.example.test/a b",
        "https://my.example.test/cb\r\nX: y",
        "https://my.example.test/\0",
        "https://my.example.test\\cb",
        "",
        7,
        None,
        {"uri": "https://my.example.test/cb"},
        ["https://my.example.test/cb"],
    ],
)
def test_s04_an_app_with_a_bad_redirect_uri_is_not_made(developer: Consumer, redirect_uri: Any) -> None:
    body = {
        "name": "Bad",
        "url": "https://my.example.test/",
        "redirect_uris": ["https://my.example.test/good", redirect_uri],
        "grant_types": ["authorization_code"],
        "confidential": True,
        "scope": ["read"],
    }

    refused = developer.call("POST", "/consumer/app", json=body)

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["field"].startswith("redirect_uris")
    assert developer.call("GET", "/consumer/app").json() == {"items": [], "next": None}


NOT_PLAIN = [
    # names that an answer has, however they are written
    "https://my.example.test/cb?code=1",
    "https://my.example.test/cb?a=b&state=",
    "https://my.example.test/cb?iss",
    "https://my.example.test/cb?c%6fde=1",
    "https://my.example.test/cb?Error=1",
    "https://my.example.test/cb?error_description=x",
    "https://my.example.test/cb?response=x",
    "https://my.example.test/cb?state[]=x",
    "https://my.example.test/cb?a=b;code=x",
    "com.example.app:/cb?code=1",
    # no octet, no port
    "https://my.example.test/%zz",
    "https://my.example.test/cb?a=%",
    "https://my.example.test/cb?a=%2",
    "com.example.app:/%zz",
    "https://my.example.test:0/cb",
    "https://my.example.test:00443/cb",
    "http://127.0.0.1:0/cb",
    # numbers that a browser takes for addresses
    "https://0x7f.1/cb",
    "https://2130706433/cb",
    "https://0x7f000001/cb",
    "https://127.1/cb",
    "https://0177.0.0.1/cb",
    "https://127.0.0.1.2/cb",
    "https://example.0x7f/cb",
    "https://1.2.3.4.5/cb",
    "https://[::ffff:127.0.0.1]/cb",
    "https://[::ffff:7f00:1]/cb",
    "https://[0:0:0:0:0:0:0:1]/cb",
    "https://[::0001]/cb",
]


@pytest.mark.parametrize("redirect_uri", NOT_PLAIN)
def test_s139_a_redirect_uri_that_can_be_read_in_two_ways_is_not_registered(
    developer: Consumer, redirect_uri: str
) -> None:
    body = {
        "name": "Two ways",
        "url": "https://my.example.test/",
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code"],
        "confidential": True,
        "scope": ["read"],
    }

    refused = developer.call("POST", "/consumer/app", json=body)

    assert refused.status_code == 400, refused.text
    assert [each["field"] for each in refused.json()["errors"]] == ["redirect_uris"]


@pytest.mark.parametrize(
    "url",
    [
        "https://my.example.test/%zz",
        "https://my.example.test:0/",
        "https://0x7f.1/",
        "https://2130706433",
        "https://[::01]/",
    ],
)
def test_s139_nor_is_such_an_address_of_a_website(developer: Consumer, url: str) -> None:
    body = {
        "name": "Two ways",
        "url": url,
        "grant_types": ["authorization_code"],
        "confidential": True,
        "scope": ["read"],
    }

    refused = developer.call("POST", "/consumer/app", json=body)

    assert refused.status_code == 400, refused.text
    assert [each["field"] for each in refused.json()["errors"]] == ["url"]


@pytest.mark.parametrize("query", ["code=1", "a=b&state=x", "iss=x", "error=x", "response=x", "c%6Fde=1", "a=%zz"])
def test_s139_without_registered_uris_a_request_can_not_bring_one_either(
    deployment: Deployment, signed_in: Browser, person: Person, query: str
) -> None:
    client = new_client(deployment, person, redirect_uris=[])

    assert_page(signed_in.get(client.authorize_path(redirect_uri=f"https://client.example.test/cb?{query}")))
    page = signed_in.get(client.authorize_path(redirect_uri="https://client.example.test/cb?tenant=7"))
    assert "code" in answer_of(signed_in.decide(page, "allow"))


@pytest.mark.parametrize("host", ["127.0.0.2", "0.0.0.0", "app.localhost", "127.255.255.254"])
def test_s139_what_a_browser_takes_for_this_computer_is_warned_of(
    deployment: Deployment, signed_in: Browser, person: Person, host: str
) -> None:
    uri = f"https://{host}/cb"
    client = new_client(deployment, person, redirect_uris=[uri])

    page = signed_in.get(client.authorize_path(redirect_uri=uri))

    assert "This address is on your own computer." in page.text
