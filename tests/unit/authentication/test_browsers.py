"""Names of browsers, from the header that they send."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatepost.authentication.browsers import UNKNOWN, browser_of, shown_browser

APPLE_OF_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
APPLE = "AppleWebKit/537.36 (KHTML, like Gecko)"
KNOWN = {
    f"Mozilla/5.0 (X11; Linux x86_64) {APPLE} Chrome/139.0.0.0 Safari/537.36": "Chrome on Linux",
    f"Mozilla/5.0 (X11; Linux x86_64) {APPLE} HeadlessChrome/139.0.0.0 Safari/537.36": "Chrome on Linux",
    f"{WINDOWS} {APPLE} Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0": "Edge on Windows",
    f"{WINDOWS} {APPLE} Chrome/139.0.0.0 Safari/537.36 OPR/115": "Opera on Windows",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0": "Firefox on macOS",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE_OF_SAFARI} Version/18.3 Safari/605.1.15": (
        "Safari on macOS"
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/139.0 "
    "Mobile/15E148 Safari/604.1": "Chrome on iPhone",
    f"Mozilla/5.0 (Linux; Android 14; SM-S901B) {APPLE} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36": (
        "Samsung Internet on Android"
    ),
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {APPLE} Chrome/139.0.0.0 Safari/537.36": "Chrome on ChromeOS",
    "Mozilla/5.0 (X11; Linux x86_64) Ladybird/1.0": "A browser on Linux",
    "Mozilla/5.0 Firefox/142.0": "Firefox",
    "python-requests/2.32 on Linux": "Unknown browser",
    "": "Unknown browser",
}


@pytest.mark.parametrize(("header", "name"), KNOWN.items())
def test_a_browser_is_known_by_its_header_also_one_that_the_version_before_kept(header: str, name: str) -> None:
    assert browser_of(header) == shown_browser(header) == shown_browser(name) == name


@example("OPR/")
@given(st.text() | st.text().map(lambda text: f"Mozilla/5.0 Firefox/{text} Linux"))
def test_s181_nothing_that_a_client_sends_is_kept(header: str) -> None:
    browser, _, system = browser_of(header).partition(" on ")
    assert browser in {"A browser", "Chrome", "Edge", "Firefox", "Opera", "Safari", "Samsung Internet", UNKNOWN}
    assert system in {"", "Android", "ChromeOS", "Linux", "Windows", "iPad", "iPhone", "macOS"}


def test_only_the_beginning_of_a_header_is_looked_at() -> None:
    assert browser_of("Mozilla/5.0 " + "x" * 600 + " Firefox/1 Linux") == "Unknown browser"
