"""The validity of remembered approvals (S121)."""

import time
from typing import Any

import pytest

from gatepost.clients.lifecycle import activate_app, deactivate_app
from gatepost.stores.record_keys import AppKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, answer_of
from tests.people import CALLBACK, Client, Person, new_client
from tests.security.checklist.test_codes_afterwards import OTHER, changed


def allowed(browser: Browser, client: Client) -> None:
    """Allow the app, which needs no consent from then on."""
    browser.decide(browser.get(client.authorize_path()), "allow")
    assert "code" in answer_of(browser.get(client.authorize_path()))


@pytest.fixture
def approved(signed_in: Browser, client: Client) -> Browser:
    """A browser whose user allowed the app a moment ago, and needs no consent."""
    allowed(signed_in, client)
    time.sleep(1.1)  # what is approved and changed in one second is void
    return signed_in


SEEN: tuple[dict[str, Any], ...] = (
    {"redirect_uris": (CALLBACK, OTHER)},
    {"url": "https://elsewhere.example.test/"},
    {"name": "Another name for the same app"},
)


def test_s121_after_a_change_of_what_people_saw_they_are_asked_again(
    deployment: Deployment, signed_in: Browser, person: Person
) -> None:
    apps = [new_client(deployment, person) for _ in SEEN]
    for app in apps:
        allowed(signed_in, app)
    time.sleep(1.1)  # what is approved and changed in one second is void

    for app, changes in zip(apps, SEEN, strict=True):
        changed(app, **changes)
        page = signed_in.get(app.authorize_path())
        assert page.status_code == 200, changes
        assert "already allowed" not in page.text
        none = answer_of(signed_in.get(app.authorize_path(prompt="none")))
        assert none["error"] == "consent_required"
    time.sleep(1.1)
    for app in apps:
        allowed(signed_in, app)


def test_s121_after_a_change_of_anything_else_they_are_not(approved: Browser, client: Client) -> None:
    changed(client, grant_types=("authorization_code",))

    assert "code" in answer_of(approved.get(client.authorize_path()))


def test_s121_after_a_deactivation_of_the_app_they_are_asked_again(
    deployment: Deployment, approved: Browser, client: Client
) -> None:
    deactivate_app(deployment.store, client.app, reason="a look", now=time.time())
    (stopped,) = deployment.store.read(AppKey(client.app.client_id))
    assert stopped is not None
    activate_app(deployment.store, stopped, now=time.time())

    assert approved.get(client.authorize_path()).status_code == 200


def test_s121_what_was_approved_before_is_not_added_to_what_is_approved_after(
    approved: Browser, client: Client, person: Person
) -> None:
    changed(client, name="Yet another name of this app")
    time.sleep(1.1)
    approved.decide(approved.get(client.authorize_path(scope="write")), "allow")

    assert "code" in answer_of(approved.get(client.authorize_path(scope="write")))
    assert approved.get(client.authorize_path(scope="read")).status_code == 200
    assert client.app.name not in approved.get("/developer/grants").text
