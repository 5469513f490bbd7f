"""Proving the redirect URI of a request (S01, S02, S05): the only way to redirect a browser elsewhere."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.errors import InvalidRequest
from gatepost.model.records import App
from gatepost.oauth.redirect_uris import proven_redirect_uri
from tests.unit.world import CALLBACK, web_app

TWO = web_app(redirect_uris=(CALLBACK, "https://client.example.test/cb2?tenant=7"))
NATIVE = web_app(redirect_uris=("http://127.0.0.1/cb", "http://[::1]:8080/cb?a=b", "com.example.app:/cb"))
SEED = web_app(redirect_uris=(), url="https://client.example.test/home")
UNREGISTERED = [
    "https://evil.example.test/cb",
    "https://client.example.test.evil.test/cb",
    "https://evilclient.example.test/cb",
    "https://sub.client.example.test/cb",
    "https://client.example.test@evil.test/cb",
    "https://evil.test@client.example.test/cb",
    "https://client.example.test:443/cb",
    "https://client.example.test:8443/cb",
    "https://client.example.test./cb",
    "https://client.example.test\\@evil.test/cb",
    "https://evil.test\\.client.example.test/cb",
    "https://client.example.test%2eevil.test/cb",
    "https://client.example.test/cb/",
    "https://client.example.test/cb/../evil",
    "https://client.example.test/./cb",
    "https://client.example.test//cb",
    "https://client.example.test/%63b",
    "https://client.example.test/CB",
    "https://client.example.test/cbx",
    "https://client.example.test/c",
    "https://client.example.test/cb?",
    "https://client.example.test/cb?a=b",
    "https://client.example.test/cb#",
    "https://client.example.test/cb#a",
    "https://client.example.test/cb;a",
    "https://client.example.test/cb2",
    "https://client.example.test/cb2?tenant=8",
    "https://client.example.test/cb2?tenant=7&a=b",
    "HTTPS://client.example.test/cb",
    "https://CLIENT.example.test/cb",
    "http://client.example.test/cb",
    "javascript:alert(1)",
    "data:text/html,x",
    "//client.example.test/cb",
    "/cb",
    "cb",
    "client.example.test/cb",
    " https://client.example.test/cb",
    "https://client.example.test/cb ",
    "https://client.example.test/cb\r\nX: y",
    "https://client.example.test/cb\x00",
    "https://client.example.test/c\tb",
    "https://сlient.example.test/cb",  # the first letter is Cyrillic
    "https://client。example.test/cb",
    "https://client.example.test/cb\u200b",
    'https://client.example.test/cb"><script>',
    "https://client.example.test/" + "a" * 3000,
    "https://[",
    "https://client.example.test:port/cb",
]


@pytest.mark.parametrize("uri", TWO.redirect_uris)
def test_a_registered_redirect_uri_is_proven(uri: str) -> None:
    assert proven_redirect_uri(TWO, uri) == uri


@pytest.mark.parametrize("uri", UNREGISTERED)
def test_s01_a_redirect_uri_that_is_not_the_registered_string_is_refused(uri: str) -> None:
    with pytest.raises(InvalidRequest, match="redirect_uri is not registered for this app"):
        proven_redirect_uri(TWO, uri)


@pytest.mark.parametrize("requested", [None, ""])
def test_s02_a_request_may_leave_out_the_only_registered_one(requested: str | None) -> None:
    assert proven_redirect_uri(web_app(), requested) == CALLBACK


@pytest.mark.parametrize("requested", [None, ""])
@pytest.mark.parametrize("app", [TWO, SEED])
def test_s02_a_request_must_choose_where_there_is_more_than_one(app: App, requested: str | None) -> None:
    with pytest.raises(InvalidRequest, match="redirect_uri is missing"):
        proven_redirect_uri(app, requested)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/cb",
        "http://127.0.0.1:1/cb",
        "http://127.0.0.1:51234/cb",
        "http://[::1]/cb?a=b",
        "http://[::1]:65535/cb?a=b",
        "com.example.app:/cb",
    ],
)
def test_s05_a_native_app_may_use_any_port_of_its_loopback_address(uri: str) -> None:
    assert proven_redirect_uri(NATIVE, uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:51234/cb/",
        "http://127.0.0.1:51234/cb?",
        "http://127.0.0.1:51234/cb?a=b",
        "http://127.0.0.1:51234/cb#a",
        "http://127.0.0.1:51234/",
        "http://127.0.0.1:051234/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:70000/cb",
        "http://127.0.0.1:port/cb",
        "http://127.0.0.1:80:80/cb",
        "http://127.0.0.1:1@evil.test/cb",
        "http://evil.test@127.0.0.1:1/cb",
        "http://127.0.0.1.evil.test:1/cb",
        "http://127.0.0.2:1/cb",
        "http://127.1:1/cb",
        "http://2130706433:1/cb",
        "http://0.0.0.0:1/cb",
        "http://localhost:1/cb",
        "http://[::1]:1/cb",
        "http://[0:0:0:0:0:0:0:1]:1/cb?a=b",
        "http://[::ffff:127.0.0.1]:1/cb",
        "https://127.0.0.1:1/cb",
        "HTTP://127.0.0.1:1/cb",
        "com.example.app:/cb2",
        "com.example.app://cb",
    ],
)
def test_s05_but_nothing_else_may_differ(uri: str) -> None:
    with pytest.raises(InvalidRequest):
        proven_redirect_uri(NATIVE, uri)


@pytest.mark.parametrize("port", ["", ":80", ":9999"])
def test_s05_the_name_localhost_has_a_free_port_where_none_is_registered(port: str) -> None:
    app = web_app(redirect_uris=("http://localhost/cb",))

    assert proven_redirect_uri(app, f"http://localhost{port}/cb") == f"http://localhost{port}/cb"


@pytest.mark.parametrize(
    ("registered", "requested"),
    [
        ("http://localhost:8080/cb", "http://localhost:9999/cb"),
        ("http://localhost:8080/cb", "http://localhost/cb"),
        ("http://localhost/cb", "http://localhost:9999/cb/"),
        ("http://localhost/cb", "http://localhost:0/cb"),
        ("http://localhost/cb", "http://LOCALHOST:9999/cb"),
        ("http://localhost/cb", "http://127.0.0.1:9999/cb"),
        ("http://localhost/cb", "http://localhost.:9999/cb"),
        ("http://localhost/cb", "http://localhost:1@evil.test/cb"),
        ("http://localhost/cb", "http://localhost.evil.test:1/cb"),
        ("http://app.localhost/cb", "http://app.localhost:9999/cb"),
        ("https://localhost/cb", "https://localhost:9999/cb"),
    ],
)
def test_s05_and_no_other_name_nor_one_with_a_port(registered: str, requested: str) -> None:
    with pytest.raises(InvalidRequest):
        proven_redirect_uri(web_app(redirect_uris=(registered,)), requested)


def test_s05_a_loopback_address_over_https_has_no_free_port() -> None:
    app = web_app(redirect_uris=("https://127.0.0.1/cb",))

    assert proven_redirect_uri(app, "https://127.0.0.1/cb") == "https://127.0.0.1/cb"
    with pytest.raises(InvalidRequest):
        proven_redirect_uri(app, "https://127.0.0.1:9999/cb")


def test_s05_a_port_makes_no_uri_longer_than_any_that_can_be_registered() -> None:
    app = web_app(redirect_uris=("http://127.0.0.1/" + "a" * 1978,))

    assert proven_redirect_uri(app, "http://127.0.0.1:9999/" + "a" * 1978)
    with pytest.raises(InvalidRequest):
        proven_redirect_uri(app, "http://127.0.0.1:10000/" + "a" * 1978)


@pytest.mark.parametrize("path", ["", "/", "/cb", "/any/path?with=a&query", "/home"])
def test_an_app_that_registered_its_url_only_may_use_every_path_of_that_origin(path: str) -> None:
    assert proven_redirect_uri(SEED, f"https://client.example.test{path}") == f"https://client.example.test{path}"


@pytest.mark.parametrize(
    "uri", [uri for uri in UNREGISTERED if not uri.lower().startswith("https://client.example.test/")]
)
def test_s01_but_no_other_origin(uri: str) -> None:
    with pytest.raises(InvalidRequest):
        proven_redirect_uri(SEED, uri)


@pytest.mark.parametrize("path", ["/cb#a", "/c\tb", "/cb\x00", "/cb ", "/c\\b", "/" + "a" * 3000])
def test_s01_and_no_uri_that_could_not_be_registered(path: str) -> None:
    with pytest.raises(InvalidRequest):
        proven_redirect_uri(SEED, f"https://client.example.test{path}")


def test_an_app_that_registered_redirect_uris_can_not_use_the_rest_of_its_origin() -> None:
    with pytest.raises(InvalidRequest):
        proven_redirect_uri(web_app(), "https://client.example.test/other")


@pytest.mark.parametrize("url", ["com.example.app:/", "https://[", "https://[]/", ""])
def test_s01_an_app_whose_url_is_no_web_address_has_no_origin(url: str) -> None:
    for uri in ("com.example.app:/cb", CALLBACK):
        with pytest.raises(InvalidRequest):
            proven_redirect_uri(web_app(redirect_uris=(), url=url), uri)


URLS = st.from_regex(r"https?://[a-z.:@\[\]0-9]{1,20}(/[a-z.?#]{0,5})?", fullmatch=True)


@given(st.one_of(st.text(), URLS, st.sampled_from(UNREGISTERED)), st.sampled_from([TWO, NATIVE, SEED]))
def test_s117_what_is_proven_is_a_registered_string_or_the_loopback_port_or_the_same_origin(uri: str, app: App) -> None:
    try:
        proven = proven_redirect_uri(app, uri or "x")
    except InvalidRequest:
        return
    assert proven == uri
    parts = urlsplit(uri)
    assert (
        uri in (*TWO.redirect_uris, *NATIVE.redirect_uris)
        or uri == f"http://127.0.0.1:{parts.port}/cb"
        or uri == f"http://[::1]:{parts.port}/cb?a=b"
        or (app is SEED and f"{parts.scheme}://{parts.netloc}" == "https://client.example.test")
    )


@given(st.integers(1, 65535))
def test_s117_every_port_of_a_loopback_address_is_proven(port: int) -> None:
    assert proven_redirect_uri(NATIVE, f"http://127.0.0.1:{port}/cb") == f"http://127.0.0.1:{port}/cb"
