"""The nearest registered redirect URI, and how a refused one differs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.errors import InvalidRequest
from gatepost.oauth.redirect_differences import Difference, differences, nearest
from gatepost.oauth.redirect_uris import proven_redirect_uri
from tests.unit.world import web_app

URI = "https://client.example.test/cb"


@pytest.mark.parametrize(
    ("sent", "registered", "found"),
    [
        ("http://client.example.test/cb", URI, [("scheme", "http", "https", "")]),
        ("https://client.example.org/cb", URI, [("host", "client.example.org", "client.example.test", "")]),
        ("https://Client.example.test/cb", URI, [
            ("host", "Client.example.test", "client.example.test", "Only upper and lower case."),
        ]),
        ("https://client.example.test:8443/cb", URI, [("port", "8443", None, "")]),
        ("https://client.example.test:443/cb", URI, [("port", "443", None, "")]),
        (f"{URI}/", URI, [("path", "/cb/", "/cb", "Only the slash at the end.")]),
        ("https://client.example.test", "https://client.example.test/", [
            ("path", "", "/", "Only the slash at the end."),
        ]),
        ("https://client.example.test/c%62", URI, [("path", "/c%62", "/cb", "Only the percent-encoding.")]),
        (f"{URI} ", URI, [("path", "/cb ", "/cb", "Only the space at the end.")]),
        (f" {URI}", URI, [("scheme", " https", "https", "Only the space at the front.")]),
        (f"{URI}?", URI, [("query", "", None, "")]),
        (f"{URI}?a=1", URI, [("query", "a=1", None, "")]),
        (f"{URI}#top", URI, [("fragment", "top", None, "")]),
        ("https://maria@client.example.test/cb", URI, [("user name", "maria", None, "")]),
        ("http://[::1]:3000/cb", "http://[::1]:4000/cb", []),
        ("http://localhost:3000/cb", "http://localhost:4000/cb", [("port", "3000", "4000", "")]),
        ("http://localhost:3000/cb", "http://localhost/cb", []),
        ("com.example.app:/cb", "com.example.app:/other", [("path", "/cb", "/other", "")]),
        ("", URI, [
            ("scheme", None, "https", ""), ("host", "", "client.example.test", ""), ("path", "", "/cb", ""),
        ]),
    ],
)  # fmt: skip
def test_differing_parts_are_named(
    sent: str, registered: str, found: list[tuple[str, str | None, str | None, str]]
) -> None:
    assert list(differences(sent, registered)) == [Difference(*each) for each in found]


@pytest.mark.parametrize(
    ("sent", "uri"),
    [
        ("https://a.example.test/callback", "https://a.example.test/cb"),
        ("http://b.example.test/other", "https://b.example.test/other"),
        ("https://b.example.test/otter", "https://b.example.test/other"),
        ("nothing of the kind", "https://a.example.test/cb"),
    ],
)
def test_the_nearest_has_the_fewest_differences(sent: str, uri: str) -> None:
    app = web_app(redirect_uris=("https://a.example.test/cb", "https://b.example.test/other"))

    assert nearest(app, sent).uri == uri


@pytest.mark.parametrize(("url", "parts"), [("https://client.example.test/home", ["scheme"]), ("", ["scheme", "host"])])
def test_of_an_app_without_redirect_uris_the_origin_of_its_website_is_compared(url: str, parts: list[str]) -> None:
    found = nearest(web_app(redirect_uris=(), url=url), "http://client.example.test/anything?a=1")

    assert (found.uri, found.by_origin) == (url, True)
    assert [each.part for each in found.differences] == parts


@given(
    sent=st.text(min_size=1, max_size=80)
    | st.from_regex(r"https?://[a-z@:\[\]0-9.]{0,20}/?[a-z/?#=&%]{0,20}", fullmatch=True)
)
def test_s150_no_text_is_accepted_for_being_near(sent: str) -> None:
    app = web_app(redirect_uris=(URI, "http://127.0.0.1/cb"))
    assert [each for each in nearest(app, sent).differences if each.sent == each.registered] == []
    if sent not in app.redirect_uris:
        with pytest.raises(InvalidRequest, match="redirect_uri is not registered for this app"):
            proven_redirect_uri(app, sent)


def test_s151_the_log_has_no_password_and_no_value_of_a_query() -> None:
    with pytest.raises(InvalidRequest) as caught:
        proven_redirect_uri(web_app(), "https://maria:word@client.example.test/cb?code=abc&state=x#access_token=y")

    assert caught.value.detail == (
        "sent https://…@client.example.test/cb?code=…&state=…#access_token=…, registered https://client.example.test/cb"
    )
