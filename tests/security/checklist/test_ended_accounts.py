"""Accounts that are stopped, half deleted or recovered: what goes on, and what ended."""

from __future__ import annotations

import time

import pytest

from gatepost.model.records import Approval
from gatepost.routes import (
    ACCOUNT_PAGE,
    DELETE_ACCOUNT,
    GOODBYE,
    GRANTS_PAGE,
    RESET,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, ApprovalKey, LoginKey, UserKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of
from tests.people import Person, new_client, new_person, opens, stops
from tests.security.checklist.mailed import NEW_PASSWORD, address_of, administered, link_to, recovered


def test_s122_what_was_signed_in_before_an_account_was_stopped_stays_out(
    mailing: Deployment, owner: Person, thief: Browser
) -> None:
    recovered(mailing, address_of(owner))
    link, client = link_to(mailing, address_of(owner)), new_client(mailing, new_person(mailing))
    approval = Approval(
        user_id=owner.user.user_id,
        client_id=client.app.client_id,
        scope=Scope.of("read"),
        approved_at=int(time.time()),
    )
    tokens = client.tokens(owner)
    assert thief.get(ACCOUNT_PAGE.path).status_code == 200

    administered(mailing, owner, action="deactivate")
    administered(mailing, owner, action="reactivate")

    assert thief.get(ACCOUNT_PAGE.path).status_code == 303
    visitor = Browser(mailing.base_url)
    form = visitor.get(link)
    assert form.status_code == 400 or visitor.submit(form, RESET.path, new_password=NEW_PASSWORD).status_code == 400
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert mailing.store.read(ApprovalKey(approval.user_id, approval.client_id))[0] is not None
    time.sleep(1.1)  # a session of the second of the stop is out, too
    assert asked_again(mailing, owner, client.authorize_path())


def asked_again(deployment: Deployment, person: Person, path: str) -> bool:
    """Whether a user who signs in on the way to an app is shown the consent page."""
    browser = Browser(deployment.base_url)
    page = browser.get(browser.sign_in(person.name, person.password, path).headers["Location"])
    return page.status_code == 200


def half_deleted(deployment: Deployment, person: Person) -> None:
    """Decide the deletion of an account, and break off."""
    deployment.store.begin_deletion(person.user, valid_from=int(time.time()), revocation=None, besides=None)


@pytest.mark.parametrize("where", ["in the same browser", "after a sign-in"])
def test_s353_a_deletion_that_stopped_halfway_is_finished_by_its_owner_and_nothing_else_works(
    deployment: Deployment, person: Person, signed_in: Browser, where: str
) -> None:
    client = new_client(deployment, new_person(deployment))
    own, tokens = new_client(deployment, person), client.tokens(person)
    half_deleted(deployment, person)

    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    asked = {"grant_type": "password", "username": person.name, "password": person.password}
    assert client.token(**asked).json()["error"] == "invalid_grant"
    assert signed_in.get(GRANTS_PAGE.path).status_code == 303
    assert administered(deployment, person, action="reactivate").status_code == 400
    browser = signed_in
    if where == "after a sign-in":
        browser = Browser(deployment.base_url)
        entered = browser.sign_in(person.name, person.password, client.authorize_path())
        assert entered.headers["Location"] == ACCOUNT_PAGE.path

    page = browser.get(ACCOUNT_PAGE.path)
    assert "Finish deleting your account" in page.text
    assert browser.submit(page, DELETE_ACCOUNT.path).headers["Location"] == GOODBYE.path

    found = deployment.store.read(
        UserKey(person.user.user_id), AppKey(own.app.client_id), LoginKey(person.name.lower())
    )
    assert found == (None, None, None)
    assert browser.get(ACCOUNT_PAGE.path).status_code == 303


def reset(deployment: Deployment, person: Person, *, keep_grants: bool) -> Browser:
    """Choose a new password by mail, as the form is shown or with its box unticked."""
    browser = recovered(deployment, address_of(person))
    fields = form_of(browser.get(link_to(deployment, address_of(person))), RESET.path).fields
    assert fields["end_grants"] == "on"
    sent = {name: value for name, value in fields.items() if not (keep_grants and name == "end_grants")}
    answer = browser.post(RESET.path, {**sent, "new_password": NEW_PASSWORD}, headers={"Origin": browser.base_url})
    assert answer.status_code == 303
    return browser


def test_s123_choosing_a_new_password_by_mail_ends_sessions_and_what_was_granted(
    mailing: Deployment, owner: Person, thief: Browser
) -> None:
    client = new_client(mailing, new_person(mailing))
    tokens = client.tokens(owner)

    browser = reset(mailing, owner, keep_grants=False)

    assert browser.get(ACCOUNT_PAGE.path).status_code == 200
    assert thief.get(ACCOUNT_PAGE.path).status_code == 303
    assert stops(mailing, tokens["access_token"])
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert asked_again(mailing, Person(user=owner.user, password=NEW_PASSWORD), client.authorize_path())


def test_s123_who_unticks_the_box_keeps_the_connected_apps(mailing: Deployment, owner: Person) -> None:
    client = new_client(mailing, new_person(mailing))
    tokens = client.tokens(owner)

    reset(mailing, owner, keep_grants=True)

    assert opens(mailing, tokens["access_token"])
    assert client.refresh(tokens["refresh_token"]).status_code == 200
