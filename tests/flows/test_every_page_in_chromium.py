"""Every page in each of its states: axe finds nothing, and nothing is wider than the screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.flows.programs import LIBRARIES
from tests.unit.console.states import STATES, TEMPLATES, html

pytestmark = pytest.mark.browser
_AXE = """async () => (await axe.run({resultTypes: ["violations"]})).violations.map(
  ({id, nodes}) => [id, ...nodes.map(({html, failureSummary}) => `${html}: ${failureSummary}`)])"""
_TOO_WIDE = """() => {
  const root = document.documentElement, most = root.clientWidth;
  return root.scrollWidth <= most ? [] : [...document.querySelectorAll("body *")].filter(
    (each) => each.getBoundingClientRect().right > most).map((each) => each.outerHTML.slice(0, 200));
}"""
# What people choose, as long as it may be, without a place to break it.
_LONG = {"Demo web app": "W" * 60, "alice": "m" * 40, "client.example.test": f"{'c' * 60}.{'d' * 60}.example.test"}


@pytest.fixture(scope="module", params=[(1280, "light"), (360, "dark")], ids=["wide and light", "narrow and dark"])
def screen(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    width, scheme = request.param
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    yield context.new_page()
    context.close()


def shown(screen: Page, markup: str) -> Page:
    """Show a page without its scripts, one of which leaves it at once; logos are not here."""
    still = re.sub("<script>.*?</script>", "", markup, flags=re.DOTALL).replace('src="/', 'data-src="/')
    screen.set_content(still, wait_until="domcontentloaded")
    return screen


@pytest.mark.parametrize("template", TEMPLATES)
def test_axe_finds_nothing_and_everything_fits(screen: Page, template: str) -> None:
    found: dict[str, Any] = {}
    is_wide = screen.evaluate("innerWidth > 1000")
    for state in (state for state, (of, _) in STATES.items() if of == template):
        markup = html(state)
        found[state] = shown(screen, markup).evaluate(_TOO_WIDE)
        if is_wide or state == template:
            screen.add_script_tag(path=LIBRARIES / "axe-core" / "axe.min.js")
            found[state] += screen.evaluate(_AXE)
        for short, long in _LONG.items():
            markup = markup.replace(short, long)
        found[f"{state}, long"] = shown(screen, markup).evaluate(_TOO_WIDE)
    assert {state: faults for state, faults in found.items() if faults} == {}
