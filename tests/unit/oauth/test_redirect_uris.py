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

SITE = "https://client.example.test"
TWO = web_app(redirect_uris=(CALLBACK, f"{SITE}/cb2?tenant=7"))
NATIVE = web_app(redirect_uris=("http://127.0.0.1/cb", "http://[::1]:8080/cb?a=b", "com.example.app:/cb"))
SEED = web_app(redirect_uris=(), url=f"{SITE}/home")
OTHER_PATHS = [f"{SITE}/{path}" for path in (
    "cb/", "cb/../evil", "./cb", "/cb", "%63b", "CB", "cbx", "c", "cb?", "cb?a=b", "cb#", "cb#a", "cb;a", "cb2",
    "cb2?tenant=8", "cb2?tenant=7&a=b", "cb ", "cb\r\nX: y", "cb\x00", "c\tb", "cb\u200b", 'cb"><script>', "a" * 3000,
)]  # fmt: skip
OTHER_ORIGINS = [
    *(f"{SITE}{rest}/cb" for rest in (".evil.test", "@evil.test", ":443", ":8443", ".", "\\@evil.test", "%2ex")),
    "https://evil.example.test/cb", "https://evilclient.example.test/cb", "https://sub.client.example.test/cb",
    "https://evil.test@client.example.test/cb", "https://evil.test\\.client.example.test/cb", f"{SITE}:port/cb",
    "http://client.example.test/cb", "//client.example.test/cb", "client.example.test/cb", f" {CALLBACK}",
    "javascript:alert(1)", "data:text/html,x", "/cb", "cb", "https://[",
    "https://сlient.example.test/cb",  # the first letter is Cyrillic
    "https://client。example.test/cb",
]  # fmt: skip
OTHER_CASE = ["HTTPS://client.example.test/cb", "https://CLIENT.example.test/cb"]


def proves(app: App, uri: str | None) -> bool:
    try:
        assert proven_redirect_uri(app, uri) == uri
    except InvalidRequest:
        return False
    return True


@pytest.mark.parametrize("uri", TWO.redirect_uris)
def test_a_registered_redirect_uri_is_proven(uri: str) -> None:
    assert proves(TWO, uri)


@pytest.mark.parametrize("uri", [*OTHER_PATHS, *OTHER_ORIGINS, *OTHER_CASE])
def test_s01_a_redirect_uri_that_is_not_the_registered_string_is_refused(uri: str) -> None:
    with pytest.raises(InvalidRequest, match="redirect_uri is not registered for this app"):
        proven_redirect_uri(TWO, uri)


@pytest.mark.parametrize("requested", [None, ""])
def test_s02_a_request_may_leave_out_the_only_registered_one_and_must_choose_of_several(requested: str | None) -> None:
    assert proven_redirect_uri(web_app(), requested) == CALLBACK
    for app in (TWO, SEED):
        with pytest.raises(InvalidRequest, match="redirect_uri is missing"):
            proven_redirect_uri(app, requested)


@pytest.mark.parametrize(
    "uri",
    [
        *(f"http://127.0.0.1{port}/cb" for port in ("", ":1", ":51234")),
        *("http://[::1]/cb?a=b", "http://[::1]:65535/cb?a=b", "com.example.app:/cb"),
    ],
)
def test_s05_a_native_app_may_use_any_port_of_its_loopback_address(uri: str) -> None:
    assert proves(NATIVE, uri)


@pytest.mark.parametrize(
    "uri",
    [
        *(f"http://127.0.0.1:51234/{path}" for path in ("cb/", "cb?", "cb?a=b", "cb#a", "")),
        *(f"http://127.0.0.1:{port}/cb" for port in ("051234", "", "0", "70000", "port", "80:80", "1@evil.test")),
        *(f"http://{host}:1/cb" for host in ("evil.test@127.0.0.1", "127.0.0.1.evil.test", "127.0.0.2", "127.1")),
        *(f"http://{host}:1/cb" for host in ("2130706433", "0.0.0.0", "localhost", "[::1]", "[::ffff:127.0.0.1]")),
        *("http://[0:0:0:0:0:0:0:1]:1/cb?a=b", "https://127.0.0.1:1/cb", "HTTP://127.0.0.1:1/cb"),
        *("com.example.app:/cb2", "com.example.app://cb"),
    ],
)
def test_s05_but_nothing_else_may_differ(uri: str) -> None:
    assert not proves(NATIVE, uri)


@pytest.mark.parametrize(
    ("registered", "requested", "proven"),
    [
        ("http://localhost/cb", "http://localhost/cb", True),
        ("http://localhost/cb", "http://localhost:80/cb", True),
        ("http://localhost/cb", "http://localhost:9999/cb", True),
        ("http://localhost:8080/cb", "http://localhost:9999/cb", False),
        ("http://localhost:8080/cb", "http://localhost/cb", False),
        ("http://localhost/cb", "http://localhost:9999/cb/", False),
        ("http://localhost/cb", "http://localhost:0/cb", False),
        ("http://localhost/cb", "http://LOCALHOST:9999/cb", False),
        ("http://localhost/cb", "http://127.0.0.1:9999/cb", False),
        ("http://localhost/cb", "http://localhost.:9999/cb", False),
        ("http://localhost/cb", "http://localhost:1@evil.test/cb", False),
        ("http://localhost/cb", "http://localhost.evil.test:1/cb", False),
        ("http://app.localhost/cb", "http://app.localhost:9999/cb", False),
        ("https://localhost/cb", "https://localhost:9999/cb", False),
        ("https://127.0.0.1/cb", "https://127.0.0.1/cb", True),
        ("https://127.0.0.1/cb", "https://127.0.0.1:9999/cb", False),
        # a port makes no URI longer than any that can be registered
        (f"http://127.0.0.1/{'a' * 1978}", f"http://127.0.0.1:9999/{'a' * 1978}", True),
        (f"http://127.0.0.1/{'a' * 1978}", f"http://127.0.0.1:10000/{'a' * 1978}", False),
    ],
)
def test_s05_localhost_has_a_free_port_where_none_is_registered(registered: str, requested: str, proven: bool) -> None:
    assert proves(web_app(redirect_uris=(registered,)), requested) is proven


@pytest.mark.parametrize("path", ["", "/", "/cb", "/any/path?with=a&query", "/home"])
def test_an_app_that_registered_its_url_only_may_use_every_path_of_that_origin(path: str) -> None:
    assert proves(SEED, f"{SITE}{path}")
    assert proves(web_app(), f"{SITE}{path}") is (path == "/cb")


@pytest.mark.parametrize("uri", [*OTHER_ORIGINS, *OTHER_CASE[1:]])
def test_s01_but_no_other_origin(uri: str) -> None:
    assert not proves(SEED, uri)


@pytest.mark.parametrize("path", ["/cb#a", "/c\tb", "/cb\x00", "/cb ", "/c\\b", "/" + "a" * 3000])
def test_s01_and_no_uri_that_could_not_be_registered(path: str) -> None:
    assert not proves(SEED, f"{SITE}{path}")


@pytest.mark.parametrize("url", ["com.example.app:/", "https://[", "https://[]/", ""])
def test_s01_an_app_whose_url_is_no_web_address_has_no_origin(url: str) -> None:
    for uri in ("com.example.app:/cb", CALLBACK):
        assert not proves(web_app(redirect_uris=(), url=url), uri)


URLS = st.from_regex(r"https?://[a-z.:@\[\]0-9]{1,20}(/[a-z.?#]{0,5})?", fullmatch=True)


@given(
    st.one_of(st.text(), URLS, st.sampled_from([*OTHER_PATHS, *OTHER_ORIGINS])), st.sampled_from([TWO, NATIVE, SEED])
)
def test_s117_what_is_proven_is_a_registered_string_or_the_loopback_port_or_the_same_origin(uri: str, app: App) -> None:
    if not proves(app, uri or "x"):
        return
    parts = urlsplit(uri)
    assert (
        uri in (*TWO.redirect_uris, *NATIVE.redirect_uris)
        or uri == f"http://127.0.0.1:{parts.port}/cb"
        or uri == f"http://[::1]:{parts.port}/cb?a=b"
        or (app is SEED and f"{parts.scheme}://{parts.netloc}" == SITE)
    )


@given(st.integers(1, 65535))
def test_s117_every_port_of_a_loopback_address_is_proven(port: int) -> None:
    assert proves(NATIVE, f"http://127.0.0.1:{port}/cb")
