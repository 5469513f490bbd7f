"""An app has its owner's status, and can be handed over (S119, S352)."""

from __future__ import annotations

import time

from gatepost.accounts.rights import limit_user
from gatepost.routes import (
    ADMIN_CHANGE_USER,
    ADMIN_USER_PAGE,
    APPS_PAGE,
    DEMO_WRITE,
)
from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import assert_error, assert_page, redeem
from tests.browsing import Browser, answer_of, post
from tests.people import Person, entered, new_client, new_person, opens, stops
from tests.security.checklist.granting import assert_audited, decide, own


def test_s119_an_app_gets_no_more_than_its_owner_may_have(full: Deployment, admin: Browser, stranger: Person) -> None:
    client = new_client(full, stranger)
    token = own(client, "read write").json()["access_token"]
    users = client.tokens(new_person(full), scope="read write")

    path = ADMIN_USER_PAGE.at(user_id=stranger.user.user_id)
    change = ADMIN_CHANGE_USER.at(user_id=stranger.user.user_id)
    post(admin, path, change, action="scope", scope_rule="chosen", scope=["read"])

    assert own(client, "read write").json()["scope"] == "read"
    assert_error(own(client, "write"), 400, "invalid_scope")
    assert stops(full, token)
    assert client.refresh(users["refresh_token"]).json()["scope"] == "read"


def test_s119_the_apps_of_somebody_who_is_stopped_get_no_tokens_until_they_have_another_owner(
    full: Deployment, admin: Browser, stranger: Person
) -> None:
    client, other, heir = new_client(full, stranger, name="Inherited"), new_person(full), new_person(full)
    users, code = client.tokens(other), client.code(other)
    machine = own(client, "read").json()["access_token"]
    browser = entered(full, other)
    page = ADMIN_USER_PAGE.at(user_id=stranger.user.user_id)
    shown = admin.get(page).text
    assert "Inherited" in shown
    assert "get no tokens until then" in shown

    post(admin, page, ADMIN_CHANGE_USER.at(user_id=stranger.user.user_id), action="deactivate")

    password = {"grant_type": "password", "username": other.name, "password": other.password}
    for refused in (own(client), redeem(client, code), client.token(**password)):
        assert_error(refused, 401, "invalid_client")
    assert_error(client.refresh(users["refresh_token"]), 401, "invalid_client")
    assert_page(browser.get(client.authorize_path()))
    assert stops(full, machine)

    again = decide(admin, client, "hand_over", owner=stranger.name)
    assert (again.status_code, "already" in again.text) == (400, True)
    assert "There is no account of this name." in decide(admin, client, "hand_over", owner="nobody").text
    handed = decide(admin, client, "hand_over", owner=f" {heir.name.upper()} ")
    assert handed.headers["Location"].endswith("?done=app_handed_over")

    assert own(client, "read").status_code == 200
    assert client.refresh(users["refresh_token"]).status_code == 200
    assert redeem(client, code).status_code == 200
    assert "code" in answer_of(browser.get(client.authorize_path()))  # approvals live on, too
    assert "Inherited" in entered(full, heir).get(APPS_PAGE.path).text
    assert_audited(
        admin, "transferred Inherited to another", f"took an app from {stranger.name}", f"gave an app to {heir.name}"
    )
    assert "Inherited" not in admin.get(page).text


def test_s352_an_app_that_is_handed_over_has_no_token_that_its_new_owner_may_not_have(
    full: Deployment, admin: Browser, stranger: Person
) -> None:
    client, heir = new_client(full, stranger), new_person(full)
    users = client.tokens(new_person(full), scope="read write")
    machine = own(client, "read write").json()["access_token"]
    limit_user(full.store, heir.user, Scope.of("read"), now=time.time())
    assert opens(full, machine, DEMO_WRITE.path)

    assert decide(admin, client, "hand_over", owner=heir.name).status_code == 303

    assert stops(full, machine, DEMO_WRITE.path)
    assert own(client, "read write").json()["scope"] == "read"
    assert opens(full, users["access_token"], DEMO_WRITE.path)
    assert client.refresh(users["refresh_token"]).json()["scope"] == "read"
