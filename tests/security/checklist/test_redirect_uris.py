"""Redirect URIs, and repeated parameters. Checklist A (S01 … S05, S07)."""

from urllib.parse import quote

import pytest

from infra.local.deployment import Deployment
from tests.answers import PKCE, assert_page
from tests.browsing import Browser, answer_of
from tests.people import CALLBACK, Client, Person, new_client

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
