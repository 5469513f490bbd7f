"""The console in a real Chromium: apps from the first to the last form, and the charts in both colour schemes."""

import time

import pytest
from playwright.sync_api import Page, expect

from gatepost.routes import (
    ACCOUNT_PAGE,
    ADMIN_OVERVIEW_PAGE,
    APP_PAGE,
    APP_TRY_PAGE,
    APPS_PAGE,
    GRANTS_PAGE,
    LOGIN_PAGE,
    NEW_APP_PAGE,
)
from infra.local.deployment import Deployment
from tests.flows.browser_app import enter
from tests.people import Client, Person, new_client

pytestmark = pytest.mark.browser
_DRAWN = """() => [...document.querySelectorAll("svg[role=img]")].map((svg) => {
  const bars = svg.querySelector("path").getBoundingClientRect(), frame = svg.getBoundingClientRect();
  return [frame.width > 100, frame.height > 50, bars.height <= frame.height + 1, getComputedStyle(svg).color];
})"""
_TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def console(deployment: Deployment, page: Page, person: Person) -> Page:
    """Signed in, at My apps."""
    page.goto(deployment.base_url + LOGIN_PAGE.path)
    enter(page, person.name, person.password)
    expect(page.get_by_role("heading", level=1)).to_have_text("My apps")
    return page


def create_app(page: Page, name: str) -> None:
    page.get_by_role("link", name="Create app").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Website").fill("http://127.0.0.1:9")
    page.locator("#redirect_uris").fill("http://127.0.0.1/callback")
    page.get_by_role("button", name="Create app").click()


def test_an_app_from_the_empty_list_to_its_deletion(console: Page) -> None:
    create_app(console, "My first app")
    expect(console.get_by_text("will not be shown again").first).to_be_visible()

    console.goto(console.url.split("/developer")[0] + APPS_PAGE.path)
    console.get_by_role("link", name="My first app").click()
    expect(console.get_by_role("heading", level=1)).to_have_text("My first app")
    console.get_by_role("link", name="Settings").click()
    console.get_by_label("Name", exact=True).fill("Renamed app")
    console.get_by_role("button", name="Save").click()
    expect(console.get_by_role("status")).to_contain_text("The app was changed.")

    console.get_by_role("link", name="Settings").click()
    console.get_by_text("Delete this app").click()
    console.get_by_label("to confirm").fill("Renamed app")
    console.get_by_role("button", name="Delete app").click()
    expect(console.get_by_role("status")).to_contain_text("The app was deleted.")


def test_faults_stand_beside_their_fields_and_nothing_typed_is_lost(console: Page) -> None:
    create_app(console, "My app\u3164")  # what the browser takes and the server does not

    console.get_by_label("Website").fill("ftp://client.example.test")
    console.get_by_role("button", name="Create app").click()

    expect(console.get_by_label("Website")).to_have_attribute("aria-invalid", "true")
    expect(console.get_by_label("Website")).to_have_value("ftp://client.example.test")
    expect(console.locator("#redirect_uris")).to_have_value("http://127.0.0.1/callback")


def test_no_page_loads_anything_from_elsewhere_or_is_wider_than_a_small_window(
    deployment: Deployment, console: Page
) -> None:
    elsewhere: list[str] = []
    console.on("request", lambda request: elsewhere.append(request.url))
    console.set_viewport_size({"width": 320, "height": 700})
    for path in (APPS_PAGE.path, NEW_APP_PAGE.path, GRANTS_PAGE.path, ACCOUNT_PAGE.path):
        console.goto(deployment.base_url + path)
        assert console.evaluate(_TOO_WIDE) is False
        assert len(console.content()) < 30_000
    assert [url for url in elsewhere if not url.startswith((deployment.base_url, "data:"))] == []


def test_every_address_of_the_server_can_be_copied(deployment: Deployment, console: Page, person: Person) -> None:
    app = new_client(deployment, person).app
    console.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console.goto(deployment.base_url + APP_TRY_PAGE.at(client_id=app.client_id))
    console.get_by_text("All addresses").click()

    copied = {}
    for name in ("Issuer", "Discovery", "Authorization", "Token", "Userinfo", "Sign-out", "Introspection", "JWK Set"):
        console.get_by_role("button", name=f"Copy {name}").click()
        expect(console.get_by_role("button", name=f"Copied {name}")).to_be_visible()
        copied[name] = console.evaluate("navigator.clipboard.readText()").removeprefix(deployment.base_url)

    assert copied == {
        "Issuer": "",
        "Discovery": "/.well-known/openid-configuration",
        "Authorization": "/developer/auth",
        "Token": "/authorization/token",
        "Userinfo": "/authorization/userinfo",
        "Sign-out": "/authorization/logout",
        "Introspection": "/authorization/introspect",
        "JWK Set": "/.well-known/jwks.json",
    }


def test_a_job_needs_no_website_also_in_the_browsers_own_check(console: Page) -> None:
    console.get_by_role("link", name="Create app").first.click()
    console.get_by_label("Job or service").check()
    console.get_by_label("Name", exact=True).fill("Night job")
    console.get_by_role("button", name="Continue").click()
    console.get_by_role("button", name="Create app").click()

    expect(console.get_by_role("heading", level=1)).to_have_text("Night job is created")


@pytest.fixture
def used(deployment: Deployment, person: Person) -> Client:
    """An app with tokens on three days, of an administrator."""
    client = new_client(deployment, person)
    deployment.store.set_user_rights(person.user.user_id, role="administrator", scope=None)
    for days_ago, tokens in ((0, 20), (3, 7), (29, 1)):
        deployment.store.add_tokens(client.app.client_id, tokens, now=time.time() - days_ago * 86400)
    return client


def test_the_charts_are_drawn_in_light_and_dark_and_their_numbers_open_without_a_script(
    deployment: Deployment, console: Page, used: Client
) -> None:
    console.set_viewport_size({"width": 360, "height": 800})
    colours = []
    for scheme in ("light", "dark"):
        console.emulate_media(color_scheme=scheme)
        console.goto(deployment.base_url + ADMIN_OVERVIEW_PAGE.path)
        found = console.evaluate(_DRAWN)
        assert [each[:3] for each in found] == [[True, True, True]] * 5
        colours.append(found[0][3])
        assert console.evaluate(_TOO_WIDE) is False
    assert colours == ["rgb(13, 89, 98)", "rgb(130, 203, 198)"]

    for summary in ("Numbers in this chart", "Numbers in these charts"):
        console.get_by_text(summary).click()
    counted = console.get_by_role("cell", name="New accounts").or_(console.get_by_text("not counted"))
    expect(counted.first).to_be_visible()
    assert console.evaluate(_TOO_WIDE) is False

    console.goto(deployment.base_url + APP_PAGE.at(client_id=used.app.client_id))
    expect(console.get_by_role("img", name="Tokens: 28 in 30 days")).to_be_visible()
    console.get_by_text("Numbers in this chart").click()
    expect(console.get_by_role("row").filter(has_text="20").first).to_be_visible()
