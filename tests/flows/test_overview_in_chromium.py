"""The overview's charts in a real Chromium: drawn, readable in both schemes, and no wider than the window."""

import time

import pytest
from playwright.sync_api import Page, expect

from gatepost.routes import ADMIN_OVERVIEW_PAGE, APP_PAGE, LOGIN_PAGE
from infra.local.deployment import Deployment
from tests.people import Client, Person, new_client

pytestmark = pytest.mark.browser
_DRAWN = """() => [...document.querySelectorAll("svg[role=img]")].map((svg) => {
  const bars = svg.querySelector("path").getBoundingClientRect(), frame = svg.getBoundingClientRect();
  return [frame.width > 100, frame.height > 50, bars.height <= frame.height + 1, getComputedStyle(svg).color];
})"""
_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def used(deployment: Deployment, person: Person) -> Client:
    """An app with tokens on three days, of an administrator."""
    client = new_client(deployment, person)
    deployment.store.set_user_rights(person.user.user_id, role="administrator", scope=None)
    for days_ago, tokens in ((0, 20), (3, 7), (29, 1)):
        deployment.store.add_tokens(client.app.client_id, tokens, now=time.time() - days_ago * 86400)
    return client


@pytest.fixture
def console(deployment: Deployment, page: Page, person: Person, used: Client) -> Page:
    page.goto(deployment.base_url + LOGIN_PAGE.path)
    page.get_by_label("User name").fill(person.name)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    return page


@pytest.mark.parametrize("width", [360, 1280])
def test_the_charts_of_the_overview_are_drawn_in_light_and_dark(
    deployment: Deployment, console: Page, width: int
) -> None:
    console.set_viewport_size({"width": width, "height": 800})
    colours = []
    for scheme in ("light", "dark"):
        console.emulate_media(color_scheme=scheme)
        console.goto(deployment.base_url + ADMIN_OVERVIEW_PAGE.path)
        found = console.evaluate(_DRAWN)
        assert [each[:3] for each in found] == [[True, True, True]] * 5
        colours.append(found[0][3])
        assert console.evaluate(_TOO_WIDE) is False
    assert colours == ["rgb(13, 89, 98)", "rgb(130, 203, 198)"]


def test_the_numbers_open_without_a_script_and_the_unused_apps_are_a_click_away(
    deployment: Deployment, console: Page, used: Client
) -> None:
    console.set_viewport_size({"width": 360, "height": 800})
    console.goto(deployment.base_url + ADMIN_OVERVIEW_PAGE.path)
    expect(console.get_by_role("navigation", name="Administration").get_by_role("link").first).to_have_text("Overview")

    for summary in ("Numbers in this chart", "Numbers in these charts"):
        console.get_by_text(summary).click()
    expect(
        console.get_by_role("cell", name="New accounts").or_(console.get_by_text("not counted")).first
    ).to_be_visible()
    assert console.evaluate(_TOO_WIDE) is False

    console.get_by_role("link", name="Unused").click()
    expect(
        console.get_by_text("Active apps that got no tokens in this period.")
        .or_(console.get_by_text("Every active app was used."))
        .first
    ).to_be_visible()


def test_an_owner_sees_the_chart_of_the_own_app(deployment: Deployment, console: Page, used: Client) -> None:
    console.goto(deployment.base_url + APP_PAGE.at(client_id=used.app.client_id))

    expect(console.get_by_role("img", name="Tokens: 28 in 30 days")).to_be_visible()
    console.get_by_text("Numbers in this chart").click()
    expect(console.get_by_role("row").filter(has_text="20").first).to_be_visible()
