"""URLs that may be fetched, and those that are refused (S221)."""

from __future__ import annotations

import pytest

from gatepost.http.outbound_url import Target, host_of, target_of
from gatepost.model.fetching import FetchRefused

ORIGIN = "https://app.example.com"
LONGEST = 2000  # characters
APP = (True, "app.example.com", 443, "app.example.com")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (ORIGIN, (*APP, "/")),
        (f"{ORIGIN}:443/", (*APP, "/")),
        (f"{ORIGIN}/a/../b;c=1?d=/?&e=%20", (*APP, "/a/../b;c=1?d=/?&e=%20")),
        (f"{ORIGIN}?q", (*APP, "/?q")),
        ("HTTPS://App.Example.COM/A", (*APP, "/A")),
        ("https://xn--bcher-kva.example/", (True, "xn--bcher-kva.example", 443, "xn--bcher-kva.example", "/")),
        ("https://1.1.1.1/", (True, "1.1.1.1", 443, "1.1.1.1", "/")),
        ("https://[2606:4700::1]/x", (True, "2606:4700::1", 443, "[2606:4700::1]", "/x")),
        (f"{ORIGIN}/me@you:8", (*APP, "/me@you:8")),
    ],
)
@pytest.mark.parametrize("local", [False, True])
def test_an_https_url_is_taken_apart(url: str, target: tuple[bool, str, int, str, str], local: bool) -> None:
    assert target_of(url, local=local) == Target(*target)


@pytest.mark.parametrize(
    "url",
    [
        *("", "app.example.com", "//app.example.com/", "ftp://app.example.com/", "file:///etc/passwd"),
        *("gopher://app.example.com/", "http://app.example.com/", "http://1.1.1.1/", "http\u017f://app.example.com/"),
        *("https:///path", "https:/app.example.com/", "https:app.example.com", f" {ORIGIN}/"),
        *(f"https://{userinfo}@app.example.com/" for userinfo in ("user", "user:word", "")),
        *("https://app.example.com@127.0.0.1/", "https://app.example.com\\@127.0.0.1/", f"{ORIGIN}\\", f"{ORIGIN}:/"),
        *(f"{ORIGIN}/{path}" for path in ("#fragment", "#", "a b", "\u017f", "a\r\nHost: b", "\n", "\u00fc")),
        f"{ORIGIN}/{'a' * (LONGEST - len(ORIGIN))}",
        *(f"https://{host}/" for host in ("\u212aeys.example.com", "b\u00fccher.example", "app\u3002example.com")),
        *(f"https://{host}/" for host in ("\uff11\uff12\uff17.0.0.1", "%31%32%37.0.0.1", "app.example.com.")),
        *(f"https://{host}.example.com/" for host in ("", "app.", "-app", "app-", "app_1", "a" * 64)),
        *(f"https://{host}/" for host in ("a." * 126 + "com", "localhost", "intranet", "127.1", "127.0.1")),
        *(f"https://{host}/" for host in ("2130706433", "0x7f000001", "0x7f.1", "0x7f.0.0.0x1", "0177.0.0.1")),
        *(f"https://{host}/" for host in ("127.0.0.01", "127.0.0.1.", "127.0.0.256", "1.1.1.1.1", "app.example.1")),
        *(f"https://{host}/" for host in ("app.example.0xa", "[::1%25lo]", "[::1%lo]", "[fe80::1%1]", "[::1", "::1")),
        *(f"https://{host}/" for host in ("[127.0.0.1]", "[127.0.0.1]x", "[v1.a]", "[]", "[:::]")),
    ],
)
@pytest.mark.parametrize("local", [False, True])
def test_s221_any_other_spelling_of_a_url_is_refused(url: str, local: bool) -> None:
    if local and url == "https://localhost/":
        return
    with pytest.raises(FetchRefused):
        target_of(url, local=local)


def test_the_longest_name_and_url_are_taken() -> None:
    assert target_of(f"https://{'a.' * 125}com/", local=False).host == "a." * 125 + "com"
    assert target_of(f"https://{'a' * 63}.{'b' * 63}/", local=False).port == 443
    longest = f"{ORIGIN}/{'a' * (LONGEST - len(ORIGIN) - 1)}"
    assert len(target_of(longest, local=False).path) == LONGEST - len(ORIGIN)
    assert host_of(longest) == "app.example.com"


@pytest.mark.parametrize("port", ["0", "1", "80", "8443", "22", "444", "65535", "65536", "99999"])
def test_s221_only_the_default_port_is_fetched_from(port: str) -> None:
    with pytest.raises(FetchRefused, match="port"):
        target_of(f"{ORIGIN}:{port}/", local=False)


def test_s221_a_server_on_loopback_fetches_from_its_machine_at_any_port_and_by_http_and_no_other_does() -> None:
    target = target_of("http://localhost:8081/out?x", local=True)
    assert target == (False, "localhost", 8081, "localhost:8081", "/out?x")
    assert target_of("http://127.0.0.1/", local=True) == (False, "127.0.0.1", 80, "127.0.0.1", "/")
    assert target_of("http://[::1]:1/", local=True) == (False, "::1", 1, "[::1]:1", "/")
    assert target_of("https://localhost:65535/", local=True) == (True, "localhost", 65535, "localhost:65535", "/")
    assert target_of("http://localhost:443/", local=True).authority == "localhost:443"
    for url in ("http://localhost:0/", "http://localhost:65536/", "http://127.0.0.2/", "http://app.localhost/"):
        with pytest.raises(FetchRefused):
            target_of(url, local=True)
    for url in ("http://localhost:8081/", "http://127.0.0.1/", "http://[::1]/", "https://localhost/"):
        with pytest.raises(FetchRefused):
            target_of(url, local=False)


def test_the_log_names_the_host_and_nothing_else_of_a_url() -> None:
    assert host_of("https://App.example.com:444/secret?code=1") == "app.example.com"
    assert host_of("https://[::1]/") == "[::1]"
    assert host_of("https://me:secret@app.example.com/") == host_of("secret") == host_of(None) == host_of(7) == ""
    assert host_of(f"{ORIGIN}/{'a' * LONGEST}") == ""
