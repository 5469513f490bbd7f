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

SITE = "https://client.example.test"
CHARACTER = "holds a character that is not allowed, or is too long"
NOT_ABSOLUTE = "is not an absolute URI"
FRAGMENT = "must not have a fragment"
SCHEME = "must use https, http on a loopback address, or a scheme named after a domain (com.example.app:/)"
NATIVE = "must look like com.example.app:/path"
HOST = "has no valid host or port"
OCTET = "holds a % without two hexadecimal digits behind it"
ADDRESS = "must write its IP address in the plain form, as 192.0.2.1 or [2001:db8::1]"
RESERVED = "must not have {} in its query: answers carry a parameter of that name"
USER = "must not hold a user name or password"
HTTP = "must use https, except on a loopback address"
WEB = "must start with https://"


@pytest.mark.parametrize(
    "uri",
    [
        SITE, f"{SITE}/cb?tenant=7", f"{SITE}:8443/cb", "https://xn--bcher-kva.example/cb", "https://1password.example/cb",
        "https://192.0.2.1/cb", "https://[2001:db8::1]/cb", "https://[2001:DB8::1]/cb",
        "http://127.0.0.1/cb", "http://127.0.0.1:8080/cb", "http://[::1]/cb", "http://localhost:3000/cb",
        "com.example.app:/cb", "com.example.app:/",
        f"{SITE}/cb?codes=1&a=code&my_state=x&a%20b=%2f", f"{SITE}/{'a' * 1972}",
    ],
)  # fmt: skip
def test_a_redirect_uri_that_belongs_to_one_place_can_be_registered(uri: str) -> None:
    assert redirect_uri_fault(uri) is None


@pytest.mark.parametrize(
    ("fault", "uris"),
    [
        (CHARACTER, ["", *(f"{SITE}{end}" for end in ("/c b", "/cb\r\n", "/cb\x00", "\\cb", "/{cb}", '/"'))]),
        (CHARACTER, ["https://bücher.example/cb", f"{SITE}/{'a' * 1973}"]),
        (NOT_ABSOLUTE, ["/", "/cb", "//client.example.test/cb", "client.example.test", "https://[::1/cb"]),
        (NOT_ABSOLUTE, [f"{SITE}:99999/cb", f"{SITE}:x/cb"]),
        (FRAGMENT, [f"{SITE}/cb#", f"{SITE}/cb#a", "com.example.app:/cb#a"]),
        (
            SCHEME,
            ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"],
        ),
        (SCHEME, [f"blob:{SITE}/x", "ws://client.example.test", "myapp:/cb", "urn:ietf:wg:oauth:2.0:oob"]),
        (NATIVE, ["com.example.app:cb", "com.example.app://host/cb"]),
        (USER, [f"https://{user}@client.example.test/cb" for user in ("user", "user:password", "")]),
        (HOST, ["https:///cb", "https:client.example.test/cb", "https://*.example.test/cb", "https://*/cb"]),
        (HOST, [f"{SITE}:/cb", f"{SITE}:0/cb", f"{SITE}./cb", "https://.example.test/cb", "http://127.0.0.1:08080/cb"]),
        (HOST, ["https://client%2eexample.test/cb"]),
        (HTTP, ["http://client.example.test/cb", "http://127.0.0.1.evil.test/cb", "http://0.0.0.0/cb"]),
        (OCTET, [f"{SITE}/%zz", f"{SITE}/cb?a=%2", "com.example.app:/%"]),
        (ADDRESS, [f"https://{host}/cb" for host in ("0x7F.1", "2130706433", "0177.0.0.1", "256.0.0.1")]),
        (ADDRESS, ["https://client.example.0x/cb", "https://client.example.1/cb"]),
        (ADDRESS, ["https://[::ffff:192.0.2.1]/cb", "https://[2001:DB8:0::1]/cb"]),
    ],
)
def test_s04_a_redirect_uri_that_may_lead_elsewhere_can_not(fault: str, uris: list[str]) -> None:
    assert {uri: redirect_uri_fault(uri) for uri in uris} == dict.fromkeys(uris, fault)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("code=1", "code"), ("a=b&St%61te", "state"), ("iss[]=x", "iss"), ("a=b;+error=x", "error"),
        ("response=x", "response"), ("error_uri=x", "error_uri"),
    ],
)  # fmt: skip
def test_s04_nor_can_one_whose_query_could_be_taken_for_a_response(query: str, name: str) -> None:
    for uri in (f"{SITE}/cb", "com.example.app:/cb"):
        assert redirect_uri_fault(f"{uri}?{query}") == RESERVED.format(name)


@pytest.mark.parametrize(
    ("fault", "urls"),
    [
        (None, [SITE, f"{SITE}/home?a=b", "http://localhost"]),
        (CHARACTER, [""]),
        (WEB, ["com.example.app:/cb", "javascript:alert(1)", "client.example.test", "https://["]),
        (FRAGMENT, [f"{SITE}/#a"]),
        (USER, ["https://user@client.example.test"]),
        (HOST, ["https://*.example.test"]),
        (OCTET, [f"{SITE}/%zz"]),
        (ADDRESS, ["https://127.1"]),
        (HTTP, ["http://client.example.test"]),
    ],
)
def test_s04_a_web_address_can_be_the_url_of_an_app_and_nothing_else(fault: str | None, urls: list[str]) -> None:
    assert {url: url_fault(url) for url in urls} == dict.fromkeys(urls, fault)


@pytest.mark.parametrize(
    ("uri", "host", "notice", "target"),
    [
        (f"{SITE}:8443/cb", "client.example.test:8443", None, "https:"),
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
    assert (host_of(uri), redirect_notice(uri), form_target(uri)) == (host, notice, target)


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        (f"{SITE}/cb?a=b", SITE),
        (f"{SITE}:8443/cb", f"{SITE}:8443"),
        ("http://127.0.0.1:5/cb", "http://127.0.0.1:5"),
        ("https://Client.example.test/cb", SITE),
        # what no source of a policy can name
        ("http://[::1]:5/cb", "http:"),
        ("https://a_b.example.test/cb", "https:"),
        ("https://client.example.test@evil.test/cb", "https:"),
    ],
)
def test_s362_a_response_is_posted_to_the_origin_of_the_redirect_uri(uri: str, target: str) -> None:
    assert post_target(uri) == target
