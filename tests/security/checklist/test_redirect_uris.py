"""Redirect URIs, and repeated parameters. Checklist A (S01 … S05, S07)."""

from typing import Any
from urllib.parse import quote

import pytest

from infra.local.deployment import Deployment
from tests.answers import PKCE, assert_page
from tests.browsing import Browser, answer_of
from tests.http.consumer import Consumer
from tests.people import CALLBACK, Client, Person, new_client, new_person

OTHER_CALLBACK = "https://client.example.test/cb2?tenant=7"


@pytest.fixture
def two_callbacks(deployment: Deployment, person: Person) -> Client:
    return new_client(deployment, person, redirect_uris=[CALLBACK, OTHER_CALLBACK])


@pytest.mark.parametrize(
    "redirect_uri",
    [
        # another host
        "https://evil.example.test/cb",
        "https://client.example.test.evil.test/cb",
        "https://evilclient.example.test/cb",
        "https://example.test/cb",
        "https://client.example.test./cb",
        "https://127.0.0.1/cb",
        # user information, backslashes, encodings, look-alikes
        "https://client.example.test@evil.test/cb",
        "https://user@client.example.test/cb",
        "https://client.example.test\\@evil.test/cb",
        "https:\\\\client.example.test/cb",
        "https://client.example.test%2f@evil.test/cb",
        "https://client.example.test%00.evil.test/cb",
        "https://client.example.test/c%62",
        "https://client%2eexample.test/cb",
        "https://сlient.example.test/cb",
        "https://ｃlient.example.test/cb",
        # port, path, query, fragment
        "https://client.example.test:444/cb",
        "https://client.example.test:443/cb",
        "https://client.example.test:/cb",
        "https://client.example.test/",
        "https://client.example.test/cb/",
        "https://client.example.test//cb",
        "https://client.example.test/cb/../evil",
        "https://client.example.test/cb;x",
        "https://client.example.test/CB",
        "https://client.example.test/cb?",
        "https://client.example.test/cb?x=1",
        "https://client.example.test/cb?redirect_uri=https://evil.test",
        "https://client.example.test/cb2",
        "https://client.example.test/cb2?tenant=8",
        "https://client.example.test/cb2?tenant=7&x=1",
        "https://client.example.test/cb2?tenant=7#x",
        "https://client.example.test/cb#x",
        # scheme, relative
        "http://client.example.test/cb",
        "HTTPS://client.example.test/cb",
        "https:client.example.test/cb",
        "//client.example.test/cb",
        "client.example.test/cb",
        "/cb",
        "javascript:alert(1)//https://client.example.test/cb",
        "data:text/html,x",
        # white space, control characters, markup, length
        " https://client.example.test/cb",
        "https://client.example.test/cb ",
        "https://client.example.test/\tcb",
        "https://client.example.test/cb\r\nX: y",
        "https://client.example.test/cb\0",
        "https://client.example.test/cb\x7f",
        '"><script>alert(1)</script>',
        f"{CALLBACK},{OTHER_CALLBACK}",
        "https://client.example.test/cb" + "x" * 3000,
    ],
)
def test_s01_a_redirect_uri_that_is_not_the_registered_string_gets_a_page(
    signed_in: Browser, two_callbacks: Client, redirect_uri: str
) -> None:
    assert_page(signed_in.get(two_callbacks.authorize_path(redirect_uri=redirect_uri)), redirect_uri)


@pytest.mark.parametrize(
    ("redirect_uri", "separator"), [(CALLBACK, "?"), (OTHER_CALLBACK, "&")], ids=["without a query", "with a query"]
)
def test_s01_the_registered_strings_get_a_code(
    signed_in: Browser, two_callbacks: Client, redirect_uri: str, separator: str
) -> None:
    page = signed_in.get(two_callbacks.authorize_path(redirect_uri=redirect_uri))

    assert signed_in.decide(page, "allow").headers["Location"].startswith(f"{redirect_uri}{separator}code=")


@pytest.mark.parametrize("redirect_uri", [None, ""])
def test_s02_without_redirect_uri_two_registered_ones_get_a_page(
    signed_in: Browser, two_callbacks: Client, redirect_uri: str | None
) -> None:
    assert_page(signed_in.get(two_callbacks.authorize_path(redirect_uri=redirect_uri)))


@pytest.mark.parametrize(
    "client_id",
    ["nobody", "", None, "a\0b", "<script>x</script>", "APP#1", '{"$ne":null}', "count#x", "*", "x" * 3000],
)
def test_s03_an_unknown_client_id_gets_a_page(signed_in: Browser, client: Client, client_id: str | None) -> None:
    answer = signed_in.get(client.authorize_path(client_id=client_id))

    assert_page(answer)
    assert "<script>x" not in answer.text


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

    assert "This address is on the computer in front of you." in page.text


@pytest.fixture
def native_app(deployment: Deployment, person: Person) -> Client:
    return new_client(
        deployment,
        person,
        confidential=False,
        grant_types=["authorization_code"],
        redirect_uris=["http://127.0.0.1/cb", "http://[::1]/cb"],
    )


@pytest.mark.parametrize(
    "redirect_uri",
    ["http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb", "http://[::1]:5123/cb"],
)
def test_s05_a_loopback_redirect_may_use_any_port(signed_in: Browser, native_app: Client, redirect_uri: str) -> None:
    page = signed_in.get(native_app.authorize_path(redirect_uri=redirect_uri, **PKCE))

    assert signed_in.decide(page, "allow").headers["Location"].startswith(f"{redirect_uri}?code=")


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:5123/cb2",
        "http://127.0.0.1:5123/cb?x=1",
        "http://127.0.0.1:5123/cb#x",
        "http://127.0.0.1:5123",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:x/cb",
        "http://127.0.0.1:5123@evil.test/cb",
        "http://127.0.0.1:5123.evil.test/cb",
        "http://evil@127.0.0.1:5123/cb",
        "http://127.0.0.2:5123/cb",
        "http://2130706433:5123/cb",
        "http://localhost:5123/cb",
        "http://[::]:5123/cb",
        "http://[0:0:0:0:0:0:0:1]:5123/cb",
        "https://127.0.0.1:5123/cb",
        "HTTP://127.0.0.1:5123/cb",
    ],
)
def test_s05_but_nothing_else_may_differ_over_http(signed_in: Browser, native_app: Client, redirect_uri: str) -> None:
    assert_page(signed_in.get(native_app.authorize_path(redirect_uri=redirect_uri, **PKCE)), redirect_uri)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_s07_client_id_or_redirect_uri_sent_twice_gets_a_page(signed_in: Browser, client: Client, name: str) -> None:
    sent = {"client_id": client.app.client_id, "redirect_uri": CALLBACK}[name]

    for second in (quote(sent, safe=""), "x"):
        assert_page(signed_in.get(f"{client.authorize_path()}&{name}={second}"))


@pytest.mark.parametrize(
    ("name", "carries_state"),
    [
        ("response_type", True),
        ("scope", True),
        ("state", False),
        ("code_challenge", True),
        ("code_challenge_method", True),
        ("prompt", True),
        ("nonce", True),
    ],
)
def test_s07_any_other_parameter_sent_twice_never_gets_a_code(
    signed_in: Browser, client: Client, name: str, carries_state: bool
) -> None:
    path = client.authorize_path(**PKCE, prompt="consent", nonce="n", resource="https://a.example.test")
    sent = dict(part.split("=", 1) for part in path.partition("?")[2].split("&"))[name]

    for second in (sent, "code"):
        answer = answer_of(signed_in.get(f"{path}&{name}={second}"))
        assert answer["error"] == "invalid_request"
        assert "code" not in answer
        assert ("state" in answer) is carries_state


def test_s07_a_comma_joins_nothing(signed_in: Browser, client: Client) -> None:
    page = signed_in.get(client.authorize_path(state="one,two"))

    assert answer_of(signed_in.decide(page, "deny"))["state"] == "one,two"
    refused = answer_of(signed_in.get(client.authorize_path(response_type="code,code")))
    assert refused["error"] == "unsupported_response_type"
