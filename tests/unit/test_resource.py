"""The spelling of a resource's URL, and which resource a URL belongs to (RFC 8707 §2)."""

from __future__ import annotations

import pytest

from gatepost.resource import Resource, canonical, found_in, is_loopback

ISSUER = "https://id.example.test"
REPORTS, TOOLS, ADMIN, OWN = (Resource(name, {"read": ""}, {}) for name in ("Reports", "Tools", "Admin", "Own"))
RESOURCES = {
    "https://reports.example.test": REPORTS,
    "https://tools.example.test/mcp/*": TOOLS,
    "https://tools.example.test/mcp/admin/*": ADMIN,
    "/notes": OWN,
}


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://reports.example.test", "https://reports.example.test"),
        ("https://reports.example.test/", "https://reports.example.test"),
        ("https://reports.example.test/mcp/", "https://reports.example.test/mcp"),
        ("HTTPS://Reports.Example.test/MCP", "https://reports.example.test/MCP"),
        ("https://reports.example.test:443/mcp", "https://reports.example.test/mcp"),
        ("https://reports.example.test:8443", "https://reports.example.test:8443"),
        ("https://reports.example.test:65535", "https://reports.example.test:65535"),
        (f"https://reports.example.test/{'a' * 171}", f"https://reports.example.test/{'a' * 171}"),
        ("http://localhost:80/mcp", "http://localhost/mcp"),
        ("http://127.0.0.1:3000/mcp", "http://127.0.0.1:3000/mcp"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://reports.example.test/tenants/a-b_c.d~e;v=1", "https://reports.example.test/tenants/a-b_c.d~e;v=1"),
    ],
)
def test_s201_a_url_has_one_spelling(url: str, plain: str) -> None:
    assert canonical(url) == plain
    assert canonical(plain) == plain


@pytest.mark.parametrize(
    "url",
    [
        *("", "/mcp", "reports", "reports.example.test", "//reports.example.test", "urn:example:reports", None, 7),
        *("ftp://reports.example.test", "http://reports.example.test", "http://127.0.0.1.example.test"),
        *("https://", "https:///mcp", "https://bücher.example.test"),
        *("https://user@reports.example.test", "https://user:password@reports.example.test"),
        *(f"https://reports.example.test:{port}" for port in ("0", "65536", "port")),
        *(f"https://reports.example.test{end}" for end in ("#", "/#part", "?tenant=1", "/mcp?", "\n", "//", "/*")),
        *(f"https://reports.example.test/{path}" for path in ("a//b", "./b", "a/../b", "a/..", "%2e%2e/b", "a\\b")),
        *(f"https://reports.example.test/{path}" for path in ("a b", "a'b", "a" * 172)),
    ],
)
def test_s201_what_is_no_absolute_url_of_an_api_has_none(url: object) -> None:
    assert canonical(url) is None


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://reports.example.test", REPORTS),
        ("https://reports.example.test/below", None),
        ("https://reports.example.test:8443", None),
        ("https://reports.example.test.evil.test", None),
        ("https://tools.example.test", None),
        ("https://tools.example.test/mcp", TOOLS),
        ("https://tools.example.test/mcp/a/b", TOOLS),
        ("https://tools.example.test/mcp2", None),
        ("https://tools.example.test/mcp/admin", ADMIN),
        ("https://tools.example.test/mcp/admin/x", ADMIN),
        ("https://tools.example.test/mcp/administration", TOOLS),
        ("https://id.example.test/notes", OWN),
        ("https://id.example.test/notes/1", None),
        ("https://elsewhere.example.test/notes", None),
    ],
)
def test_s201_a_url_belongs_to_its_resource_or_the_longest_prefix_above_it(url: str, found: Resource | None) -> None:
    assert found_in(RESOURCES, url, ISSUER) == found


def test_a_prefix_of_everything_on_a_host_covers_that_host_only() -> None:
    everything = {"https://tools.example.test/*": TOOLS}

    assert found_in(everything, "https://tools.example.test", ISSUER) == TOOLS
    assert found_in(everything, "https://tools.example.test/a", ISSUER) == TOOLS
    assert found_in(everything, "https://tools.example.test.evil.test", ISSUER) is None
    assert found_in(everything, "https://tools.example.test:8443/a", ISSUER) is None


def test_loopback_is_a_host_of_this_computer() -> None:
    for url in ("http://localhost:8080", "http://127.0.0.1:3000/mcp", "https://localhost/mcp", "http://[::1]:3000"):
        assert is_loopback(url)
    for url in ("https://localhost.example.test", "https://reports.example.test", "urn:example:localhost"):
        assert not is_loopback(url)
