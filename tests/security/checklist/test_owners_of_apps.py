"""An app has its owner's status, also one of an older release, and can be handed over (S119)."""

from __future__ import annotations

import time

import pytest

from gatepost.accounts.removal import activate_user, deactivate_user
from gatepost.accounts.rights import limit_user
from gatepost.routes import ADMIN_APP_PAGE, ADMIN_APPS_PAGE, ADMIN_CHANGE_USER, ADMIN_USER_PAGE, APPS_PAGE, UPDATE_APP
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, UserKey
from infra.local.deployment import Deployment
from tests.answers import assert_error, assert_page
from tests.browsing import Browser, answer_of, post
from tests.people import CALLBACK, Client, Person, entered, new_client, new_person, opens, stops, ungranted_client
from tests.security.checklist.granting import assert_audited, decide, grant, own


def test_s119_an_app_gets_no_more_than_its_owner_may_have(strict: Deployment, admin: Browser, stranger: Person) -> None:
    client, other = new_client(strict, stranger), new_person(strict)
    token = own(client, "read write").json()["access_token"]
    users = client.tokens(other, scope="read write")

    path = ADMIN_USER_PAGE.at(user_id=stranger.user.user_id)
    change = ADMIN_CHANGE_USER.at(user_id=stranger.user.user_id)
    post(admin, path, change, action="scope", scope_rule="chosen", scope=["read"])

    assert own(client, "read write").json()["scope"] == "read"
    assert_error(own(client, "write"), 400, "invalid_scope")
    assert stops(strict, token)
    assert client.refresh(users["refresh_token"]).json()["scope"] == "read"
    late = ungranted_client(strict, new_limited(strict, "read"), name="Late")
    grant(admin, late, own=("read", "write"))
    assert own(late, "read write").json()["scope"] == "read"


def new_limited(deployment: Deployment, *scopes: str) -> Person:
    person = new_person(deployment)
    limit_user(deployment.store, person.user, Scope(scopes), now=time.time())
    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert user is not None
    return Person(user=user)


def test_s119_the_apps_of_somebody_who_is_stopped_get_no_tokens_until_they_have_another_owner(
    strict: Deployment, admin: Browser, stranger: Person
) -> None:
    client, other, heir = new_client(strict, stranger, name="Inherited"), new_person(strict), new_person(strict)
    users, code = client.tokens(other), client.code(other)
    machine = own(client, "read").json()["access_token"]
    browser = entered(strict, other)
    page = ADMIN_USER_PAGE.at(user_id=stranger.user.user_id)
    shown = admin.get(page).text
    assert "Inherited" in shown
    assert "get no tokens until then" in shown

    post(admin, page, ADMIN_CHANGE_USER.at(user_id=stranger.user.user_id), action="deactivate")

    redeem = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    password = {"grant_type": "password", "username": other.name, "password": other.password}
    for parameters in ({"grant_type": "client_credentials"}, redeem, password):
        assert_error(client.token(**parameters), 401, "invalid_client")
    assert_error(client.refresh(users["refresh_token"]), 401, "invalid_client")
    assert_page(browser.get(client.authorize_path()))
    assert stops(strict, machine)

    refused = decide(admin, client, "hand_over", owner=stranger.name)
    assert (refused.status_code, "already" in refused.text) == (400, True)
    assert "There is no account of this name." in decide(admin, client, "hand_over", owner="nobody").text
    handed = decide(admin, client, "hand_over", owner=f" {heir.name.upper()} ")
    assert handed.headers["Location"].endswith("?done=app_handed_over")

    assert own(client, "read").status_code == 200
    assert client.refresh(users["refresh_token"]).status_code == 200
    assert client.token(**redeem).status_code == 200
    assert "code" in answer_of(browser.get(client.authorize_path()))  # approvals live on, too
    inherited = entered(strict, heir)
    assert "Inherited" in inherited.get(APPS_PAGE.path).text
    assert_audited(
        admin, "transferred the app Inherited", f"took that app from {stranger.name}", f"gave that app to {heir.name}"
    )
    assert "Inherited" not in admin.get(page).text


def test_s119_an_app_that_is_handed_over_first_goes_on_as_if_nothing_happened(
    strict: Deployment, admin: Browser, stranger: Person
) -> None:
    client, other, heir = new_client(strict, stranger, name="Kept"), new_person(strict), new_person(strict)
    users, machine = client.tokens(other), own(client, "read").json()["access_token"]
    new_client(strict, heir, name="KEPT")

    taken = decide(admin, client, "hand_over", owner=heir.name)
    assert taken.status_code == 400
    assert f"{heir.name} has an app of this name already" in taken.text
    heir = new_person(strict)
    decide(admin, client, "hand_over", owner=heir.name)
    deactivate_user(strict.store, stranger.user, now=time.time())

    assert opens(strict, machine)
    assert own(client, "read").status_code == 200
    assert client.refresh(users["refresh_token"]).status_code == 200


def test_s119_when_the_owner_is_active_again_everything_goes_on(strict: Deployment, stranger: Person) -> None:
    client, other = new_client(strict, stranger), new_person(strict)
    users = client.tokens(other)
    deactivate_user(strict.store, stranger.user, now=time.time())
    assert_error(client.refresh(users["refresh_token"]), 401, "invalid_client")

    activate_user(strict.store, stranger.user, now=time.time())

    assert client.refresh(users["refresh_token"]).status_code == 200
    assert own(client, "read").status_code == 200


# Apps from before the update


def as_before(client: Client) -> None:
    """Remove from the app's record the fields that an older release did not write."""
    deployment = client.deployment
    deployment.client("dynamodb").update_item(
        TableName=deployment.tables["apps"],
        Key={"client_id": {"S": client.app.client_id}},
        UpdateExpression="REMOVE own_scope, own_scope_by_update, marked_scope, owner_scope, owner_stopped",
    )


def test_s119_an_app_from_before_keeps_what_it_had_until_an_administrator_looks(
    strict: Deployment, admin: Browser, stranger: Person
) -> None:
    client = ungranted_client(strict, stranger, name="From before", scope=Scope.of("read", "people"))
    as_before(client)
    listed = f"{ADMIN_APPS_PAGE.path}?status=update"
    assert "From before" in admin.get(listed).text

    assert own(client, "read people").json()["scope"] == "read"  # what is never for an app ends all the same

    browser = entered(strict, stranger)
    edit = {"name": "From before", "url": client.app.url, "redirect_uris": CALLBACK, "version": "1",
            "grant_types": ["client_credentials"], "scope": ["read", "write"]}  # fmt: skip
    edited = post(browser, APPS_PAGE.path, UPDATE_APP.at(client_id=client.app.client_id), **edit)
    assert edited.headers["Location"].endswith("?done=app_changed"), edited.text
    assert own(client, "read write").json()["scope"] == "read"
    assert_error(own(client, "write"), 400, "invalid_scope")
    assert "From before" in admin.get(listed).text

    page = admin.get(ADMIN_APP_PAGE.at(client_id=client.app.client_id)).text
    assert "was granted by the upgrade" in page
    grant(admin, client, own=("read",))
    assert "From before" not in admin.get(listed).text
    assert_audited(admin, "confirmed to the app itself From before: read")
    assert own(client, "read").status_code == 200
    grant(admin, client)
    assert_error(own(client, "read"), 400, "invalid_scope")


@pytest.mark.parametrize("standing", ["stopped", "limited"])
def test_s119_an_app_from_before_stands_as_its_owner_did_before(
    strict: Deployment, stranger: Person, standing: str
) -> None:
    client, other = new_client(strict, stranger), new_person(strict)
    users = client.tokens(other, scope="read write")
    if standing == "stopped":
        strict.store.set_user_status(stranger.user.user_id, "deactivated")
    else:
        strict.store.set_user_rights(stranger.user.user_id, scope=Scope.of("read"))
    as_before(client)

    if standing == "stopped":
        assert_error(client.refresh(users["refresh_token"]), 401, "invalid_client")
        assert_error(own(client), 401, "invalid_client")
    else:
        assert client.refresh(users["refresh_token"]).json()["scope"] == "read"
        assert own(client, "read write").json()["scope"] == "read"
    (kept,) = strict.store.read(AppKey(client.app.client_id))
    assert kept is not None
    assert kept.own_scope == Scope.of("read", "write")
