"""A real Chromium, and deployments that several files share."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from infra.local.demo.seed import DemoUser
from infra.local.deployment import Deployment
from tests.flows.browser_app import App
from tests.flows.operated import Operated, operating
from tests.flows.protecting import SETTINGS

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "no Chromium on this machine (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of a fresh profile; any error in its console fails the test."""
    context = chromium.new_context()
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None,
    )
    yield page
    assert complaints == []
    context.close()


@pytest.fixture
def user(deployment: Deployment) -> DemoUser:
    return deployment.facts.users[0]


@pytest.fixture
def app() -> Iterator[App]:
    running = App()
    yield running
    running.front.close()


@pytest.fixture(scope="session")
def operated() -> Iterator[Operated]:
    with operating() as found:
        yield found


@pytest.fixture(scope="session")
def published() -> Iterator[Deployment]:
    """A deployment with a list of revocations, and with resources."""
    with Deployment(overrides=SETTINGS) as deployed:
        yield deployed
