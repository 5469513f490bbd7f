"""Redirect URIs and urls that an app may register (S04), and their display (S38)."""

from __future__ import annotations

import pytest

from gatepost.oauth.redirect_uris import (
    form_target,
    host_of,
    post_target,
    redirect_notice,
    redirect_uri_fault,
    url_fault,
)

CHARACTER = "holds a character that is not allowed, or is too long"
NOT_ABSOLUTE = "is not an absolute URI"
FRAGMENT = "must not have a fragment"
SCHEME = "must use https, http on a loopback address, or a scheme named after a domain (com.example.app:/)"
HOST = "has no valid host or port"
OCTET = "holds a % without two hexadecimal digits behind it"
ADDRESS = "must write its IP address in the plain form, as 192.0.2.1 or [2001:db8::1]"
RESERVED = "must not have {} in its query: answers carry a parameter of that name"
USER = "must not hold a user name or password"
HTTP = "must use https, except on a loopback address"


@pytest.mark.parametrize(
    "uri",
    [
        "https://client.example.test",
        "https://client.example.test/cb?tenant=7",
        "https://client.example.test:8443/cb",
        "https://xn--bcher-kva.example/cb",
        "https://192.0.2.1/cb",
        "https://[2001:db8::1]/cb",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:8080/cb",
        "http://[::1]/cb",
        "http://localhost:3000/cb",
        "com.example.app:/cb",
        "com.example.app:/",
        "https://client.example.test/cb?codes=1&a=code&my_state=x&a%20b=%2f",
        "https://1password.example/cb",
        "https://[2001:DB8::1]/cb",
        "https://client.example.test/" + "a" * 1972,
    ],
)
def test_a_redirect_uri_that_belongs_to_one_place_can_be_registered(uri: str) -> None:
    assert redirect_uri_fault(uri) is None


@pytest.mark.parametrize(
    ("uri", "fault"),
    [
        ("", CHARACTER),
        ("https://client.example.test/c b", CHARACTER),
        ("https://client.example.test/cb\r\n", CHARACTER),
        ("https://client.example.test/cb\x00", CHARACTER),
        ("https://client.example.test\\cb", CHARACTER),
        ("https://client.example.test/{cb}", CHARACTER),
        ('https://client.example.test/"', CHARACTER),
        ("https://bücher.example/cb", CHARACTER),
        ("https://client.example.test/" + "a" * 1973, CHARACTER),
        ("/", NOT_ABSOLUTE),
        ("/cb", NOT_ABSOLUTE),
        ("//client.example.test/cb", NOT_ABSOLUTE),
        ("client.example.test", NOT_ABSOLUTE),
        ("https://[::1/cb", NOT_ABSOLUTE),
        ("https://client.example.test:99999/cb", NOT_ABSOLUTE),
        ("https://client.example.test:x/cb", NOT_ABSOLUTE),
        ("https://client.example.test/cb#", FRAGMENT),
        ("https://client.example.test/cb#a", FRAGMENT),
        ("com.example.app:/cb#a", FRAGMENT),
        ("javascript:alert(1)", SCHEME),
        ("JavaScript:alert(1)", SCHEME),
        ("data:text/html,x", SCHEME),
        ("vbscript:x", SCHEME),
        ("file:///etc/passwd", SCHEME),
        ("blob:https://client.example.test/x", SCHEME),
        ("ws://client.example.test", SCHEME),
        ("myapp:/cb", SCHEME),
        ("urn:ietf:wg:oauth:2.0:oob", SCHEME),
        ("com.example.app:cb", "must look like com.example.app:/path"),
        ("com.example.app://host/cb", "must look like com.example.app:/path"),
        ("https://user@client.example.test/cb", USER),
        ("https://user:password@client.example.test/cb", USER),
        ("https://@client.example.test/cb", USER),
        ("https:///cb", HOST),
        ("https:client.example.test/cb", HOST),
        ("https://*.example.test/cb", HOST),
        ("https://*/cb", HOST),
        ("https://client.example.test:/cb", HOST),
        ("https://.example.test/cb", HOST),
        ("https://client.example.test./cb", HOST),
        ("https://client%2eexample.test/cb", HOST),
        ("http://client.example.test/cb", HTTP),
        ("http://127.0.0.1.evil.test/cb", HTTP),
        ("http://0.0.0.0/cb", HTTP),
        ("https://client.example.test/%zz", OCTET),
        ("https://client.example.test/cb?a=%2", OCTET),
        ("com.example.app:/%", OCTET),
        ("https://client.example.test:0/cb", HOST),
        ("http://127.0.0.1:08080/cb", HOST),
        ("https://0x7F.1/cb", ADDRESS),
        ("https://2130706433/cb", ADDRESS),
        ("https://client.example.0x/cb", ADDRESS),
        ("https://client.example.1/cb", ADDRESS),
        ("https://0177.0.0.1/cb", ADDRESS),
        ("https://256.0.0.1/cb", ADDRESS),
        ("https://[::ffff:192.0.2.1]/cb", ADDRESS),
        ("https://[2001:DB8:0::1]/cb", ADDRESS),
        ("https://client.example.test/cb?code=1", RESERVED.format("code")),
        ("https://client.example.test/cb?a=b&St%61te", RESERVED.format("state")),
        ("https://client.example.test/cb?iss[]=x", RESERVED.format("iss")),
        ("https://client.example.test/cb?a=b;+error=x", RESERVED.format("error")),
        ("https://client.example.test/cb?response=x", RESERVED.format("response")),
        ("com.example.app:/cb?error_uri=x", RESERVED.format("error_uri")),
    ],
)
def test_s04_a_redirect_uri_that_may_lead_elsewhere_can_not(uri: str, fault: str) -> None:
    assert redirect_uri_fault(uri) == fault


@pytest.mark.parametrize(
    "url", ["https://client.example.test", "https://client.example.test/home?a=b", "http://localhost"]
)
def test_a_web_address_can_be_the_url_of_an_app(url: str) -> None:
    assert url_fault(url) is None


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", CHARACTER),
        ("com.example.app:/cb", "must start with https://"),
        ("javascript:alert(1)", "must start with https://"),
        ("client.example.test", "must start with https://"),
        ("https://[", "must start with https://"),
        ("https://client.example.test/#a", FRAGMENT),
        ("https://user@client.example.test", USER),
        ("https://*.example.test", HOST),
        ("https://client.example.test/%zz", OCTET),
        ("https://127.1", ADDRESS),
        ("http://client.example.test", HTTP),
    ],
)
def test_s04_anything_else_can_not_be_its_url(url: str, fault: str) -> None:
    assert url_fault(url) == fault


@pytest.mark.parametrize(
    ("uri", "host", "notice", "target"),
    [
        ("https://client.example.test:8443/cb", "client.example.test:8443", None, "https:"),
        ("http://client.example.test/cb", "client.example.test", "insecure", "http:"),
        ("http://127.0.0.1:5/cb", "127.0.0.1:5", "loopback", "http:"),
        ("http://[::1]/cb", "[::1]", "loopback", "http:"),
        ("https://localhost/cb", "localhost", "loopback", "https:"),
        ("com.example.app:/cb", "com.example.app:", "native", "com.example.app:"),
        ("https://127.0.0.2/cb", "127.0.0.2", "loopback", "https:"),
        ("https://[::]/cb", "[::]", "loopback", "https:"),
        ("https://app.localhost/cb", "app.localhost", "loopback", "https:"),
        ("https://0x7f.1/cb", "0x7f.1", "loopback", "https:"),  # registered when that was not refused
        ("https://192.0.2.1/cb", "192.0.2.1", None, "https:"),
        ("https://client.example.test@evil.test/cb", "evil.test", None, "https:"),
    ],
)
def test_s38_people_are_told_where_a_redirect_goes(uri: str, host: str, notice: str | None, target: str) -> None:
    assert host_of(uri) == host
    assert redirect_notice(uri) == notice
    assert form_target(uri) == target


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("https://client.example.test/cb?a=b", "https://client.example.test"),
        ("https://client.example.test:8443/cb", "https://client.example.test:8443"),
        ("http://127.0.0.1:5/cb", "http://127.0.0.1:5"),
        ("https://Client.example.test/cb", "https://client.example.test"),
        # what no source of a policy can name
        ("http://[::1]:5/cb", "http:"),
        ("https://a_b.example.test/cb", "https:"),
        ("https://client.example.test@evil.test/cb", "https:"),
    ],
)
def test_s362_a_response_is_posted_to_the_origin_of_the_redirect_uri(uri: str, target: str) -> None:
    assert post_target(uri) == target
