"""Whole stories in a real Chromium, from the link to the protected route."""

import pytest
from playwright.sync_api import Browser, Page, expect

from infra.local.demo.seed import DemoApp, DemoUser
from infra.local.deployment import Deployment
from tests.flows.browser_app import enter

pytestmark = pytest.mark.browser


@pytest.fixture
def web_app(deployment: Deployment) -> DemoApp:
    return deployment.facts.apps[0]


@pytest.fixture
def native_app(deployment: Deployment) -> DemoApp:
    return deployment.facts.apps[1]


def sign_in(page: Page, user: DemoUser, password: str | None = None) -> None:
    enter(page, user.username, user.password if password is None else password)


def consent(page: Page, link: str, user: DemoUser) -> None:
    """Open the link and get as far as the consent page."""
    page.goto(link)
    sign_in(page, user)
    expect(page.get_by_role("button", name="Allow")).to_be_visible()


def authorized(page: Page) -> None:
    """The app shows what the protected route said to its token."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Authorized")
    expect(page.get_by_text("/demo/read with the token (200)")).to_be_visible()


def test_the_code_flow_from_the_link_to_the_protected_route_in_two_tabs_and_by_the_back_button(
    deployment: Deployment, page: Page, user: DemoUser, native_app: DemoApp
) -> None:
    consent(page, deployment.client_app.authorize_link(native_app), user)
    expect(page.get_by_role("heading", level=1)).to_contain_text(native_app.name)
    for text in (user.username, "Read your demo data", "Change your demo data", "127.0.0.1"):
        expect(page.get_by_text(text).first).to_be_visible()
    second = page.context.new_page()
    second.goto(deployment.client_app.authorize_link(native_app))
    expect(second.get_by_role("button", name="Allow")).to_be_visible()

    page.get_by_role("button", name="Allow").click()
    authorized(page)
    second.get_by_role("button", name="Allow").click()
    authorized(second)

    page.go_back()
    page.get_by_role("button", name="Allow").click()  # it is asked anew
    authorized(page)


def test_the_implicit_flow_from_the_link_to_the_protected_route(
    deployment: Deployment, page: Page, user: DemoUser, web_app: DemoApp
) -> None:
    consent(page, deployment.client_app.authorize_link(web_app, "token") + "&prompt=consent", user)
    page.get_by_role("button", name="Allow").click()

    authorized(page)
    expect(page.get_by_text("refresh_token")).to_have_count(0)


def test_a_remembered_approval_goes_straight_from_the_login_form_to_the_app(
    deployment: Deployment, chromium: Browser, page: Page, user: DemoUser, web_app: DemoApp
) -> None:
    consent(page, deployment.client_app.authorize_link(web_app) + "&prompt=consent", user)
    page.get_by_role("button", name="Allow").click()
    authorized(page)

    again = chromium.new_context().new_page()
    again.goto(deployment.client_app.authorize_link(web_app))
    sign_in(again, user)  # form-action has to let the whole chain of redirects pass

    authorized(again)
    again.context.close()


def test_a_wrong_password_keeps_the_name_and_says_so_and_deny_goes_back_to_the_app(
    deployment: Deployment, page: Page, user: DemoUser, native_app: DemoApp
) -> None:
    page.goto(deployment.client_app.authorize_link(native_app))
    sign_in(page, user, "wrong")

    expect(page.get_by_role("alert")).to_contain_text("The user name or password is wrong.")
    expect(page.get_by_label("User name")).to_have_value(user.username)
    expect(page.get_by_label("Password")).to_have_value("")

    sign_in(page, user)
    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Not authorized")
    expect(page.get_by_text("access_denied")).to_be_visible()


def test_registering_on_the_way_leads_back_to_the_app(deployment: Deployment, page: Page, native_app: DemoApp) -> None:
    page.goto(deployment.client_app.authorize_link(native_app))
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("User name").fill("newcomer")
    page.get_by_label("Password").fill("a password of mine")
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("button", name="Allow").click()

    authorized(page)


def test_everything_works_by_keyboard(deployment: Deployment, page: Page, user: DemoUser, native_app: DemoApp) -> None:
    page.goto(deployment.client_app.authorize_link(native_app))
    page.get_by_label("User name").focus()
    page.keyboard.type(user.username)
    page.keyboard.press("Tab")
    page.keyboard.type(user.password)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Allow").focus()
    page.keyboard.press("Enter")

    authorized(page)


def test_no_page_is_wider_than_a_small_window_and_signing_out_ends_the_session(
    deployment: Deployment, page: Page, user: DemoUser, native_app: DemoApp
) -> None:
    page.set_viewport_size({"width": 320, "height": 800})
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"

    for path in ("/developer/register", "/developer/auth?client_id=nobody"):
        page.goto(deployment.base_url + path)
        assert page.evaluate(wider) is False
    page.goto(deployment.client_app.authorize_link(native_app))
    assert page.evaluate(wider) is False
    sign_in(page, user)
    expect(page.get_by_role("button", name="Allow")).to_be_visible()
    assert page.evaluate(wider) is False

    page.goto(f"{deployment.base_url}/developer")
    expect(page.get_by_text(user.username).first).to_be_visible()
    page.get_by_role("button", name="Sign out").first.click()
    page.goto(f"{deployment.base_url}/developer")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
