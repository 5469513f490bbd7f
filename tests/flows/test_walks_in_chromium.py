"""Walks of a developer, a user and an administrator in a real Chromium, the first by keyboard alone."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from gatepost.identifiers import new_id
from gatepost.routes import ADMIN_AUDIT_PAGE, ADMIN_USERS_PAGE, APP_PAGE, APPS_PAGE, LOGIN_PAGE
from gatepost.stores.dynamodb.codec import to_item
from infra.local.deployment import Deployment
from tests.answers import PKCE
from tests.conftest import TEST_SETTINGS
from tests.flows.browser_app import App, enter, registered
from tests.people import Client, Person, new_administrator

pytestmark = pytest.mark.browser
_MANY = 5_000


def asked(client: Client, app: App) -> str:
    return client.deployment.base_url + client.authorize_path(redirect_uri=app.redirect_uri, **PKCE)


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus, and see that it shows it."""
    expect(wanted).to_be_visible()
    for _ in range(60):
        if wanted.evaluate("each => each === document.activeElement"):
            assert wanted.evaluate("each => getComputedStyle(each).outlineStyle") != "none"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted}")


def type_into(page: Page, label: str, text: str) -> None:
    tab_to(page, page.get_by_label(label, exact=True))
    page.keyboard.type(text)


def test_sign_in_consent_and_a_new_app_by_keyboard_alone(deployment: Deployment, page: Page, person: Person) -> None:
    app = App()
    client = registered(deployment, person, app)
    page.goto(asked(client, app))
    type_into(page, "User name or e-mail", person.name)
    type_into(page, "Password", person.password)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Allow"))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{app.redirect_uri}?code=*")

    page.goto(deployment.base_url + APPS_PAGE.path)
    tab_to(page, page.get_by_role("link", name="Create app").first)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    tab_to(page, page.get_by_role("radio").first)
    while not page.get_by_label("Job or service").is_checked():
        page.keyboard.press("ArrowDown")
    type_into(page, "Name", "Night job")
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Create app"))
    page.keyboard.press("Space")
    expect(page.get_by_role("heading", level=1)).to_have_text("Night job is created")


def test_a_problem_is_found_on_the_apps_page_and_mended(deployment: Deployment, page: Page, person: Person) -> None:
    app = App()
    client = registered(deployment, person, app)
    moved = client.app._replace(redirect_uris=(f"{app.url}/other",), version=client.app.version + 1)
    deployment.store.update_app(moved, before=client.app)
    page.goto(asked(client, app))
    expect(page.get_by_role("heading", level=1)).to_contain_text("does not lead back to")
    page.goto(deployment.base_url + LOGIN_PAGE.path)
    enter(page, person.name, person.password)
    expect(page.get_by_role("heading", level=1)).to_have_text("My apps")

    page.goto(deployment.base_url + APP_PAGE.at(client_id=client.app.client_id))
    expect(page.get_by_role("heading", name="Problems today")).to_be_visible()
    page.get_by_role("link", name="All problems").click()
    expect(page.get_by_text(app.redirect_uri).first).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    page.locator("#redirect_uris").fill(app.redirect_uri)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("status")).to_contain_text("The app was changed.")

    page.goto(asked(client, app))
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{app.redirect_uri}?code=*")


@pytest.fixture
def administrator(page: Page) -> Iterator[tuple[Deployment, Person]]:
    """Signed in, among many accounts."""
    with Deployment(overrides=TEST_SETTINGS) as deployment:
        person = new_administrator(deployment)
        table, users = deployment.tables["accounts"], []
        for number in range(_MANY):
            user = person.user._replace(user_id=new_id(), user_name=f"anna-{number}-miller", role="user")
            key = {"pk": {"S": user.user_id}, "sk": {"S": "account"}}
            users.append({**to_item(user, key), "kind": {"S": "user"}, "name": {"S": user.user_name}})
        for at in range(0, _MANY, 25):
            puts = [{"PutRequest": {"Item": each}} for each in users[at : at + 25]]
            deployment.client("dynamodb").batch_write_item(RequestItems={table: puts})
        page.goto(deployment.base_url + LOGIN_PAGE.path)
        enter(page, person.name, person.password)
        yield deployment, person


def test_a_user_is_found_among_5000_by_the_middle_of_the_name_and_the_audit_list_is_exported(
    page: Page, administrator: tuple[Deployment, Person], tmp_path: Path
) -> None:
    deployment, person = administrator
    page.goto(deployment.base_url + ADMIN_USERS_PAGE.path)
    page.get_by_label("Name, e-mail or user ID").fill("4321-MILL")
    page.get_by_role("button", name="Find users").click()
    page.get_by_role("link", name="anna-4321-miller").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("anna-4321-miller")

    page.goto(deployment.base_url + ADMIN_AUDIT_PAGE.path)
    page.get_by_role("link", name="Export these days").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").first.click()
    download.value.save_as(tmp_path / "audit.csv")
    with (tmp_path / "audit.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert ("signed_in", person.name) in [(row["event"], row["actor"]) for row in rows]
