"""A session or a token is not enough to take over the account: address, links, recovery (S118, S122, S123, S350)."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import pytest
import requests

from gatepost.accounts.endings import activate_user
from gatepost.authentication.sessions import SESSION_COOKIE
from gatepost.identifiers import digest, new_secret
from gatepost.model.records import Approval, User
from gatepost.routes import (
    ACCOUNT_PAGE,
    ADMIN_CHANGE_USER,
    ADMIN_USER_PAGE,
    CHANGE_EMAIL,
    CHANGE_PASSWORD,
    CONFIRM,
    DELETE_ACCOUNT,
    FORGOTTEN,
    FORGOTTEN_PAGE,
    GOODBYE,
    GRANTS_PAGE,
    REGISTER,
    REGISTER_PAGE,
    RESET,
    SIGN_OUT_EVERYWHERE,
)
from gatepost.scope import Scope
from gatepost.stores.record_keys import AppKey, ApprovalKey, LinkKey, LoginKey, UserKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of, post
from tests.http.consumer import Consumer
from tests.people import Person, entered, new_administrator, new_client, new_person, opens, stops

NEW_PASSWORD = "another password 1"


@pytest.fixture
def owner(mailing: Deployment) -> Person:
    """A user with a confirmed address."""
    person = new_person(mailing)
    mailing.store.change_email(person.user, address_of(person), confirmed=True)
    return person


@pytest.fixture
def thief(mailing: Deployment, owner: Person) -> Browser:
    """A browser that holds a session of the owner."""
    return entered(mailing, owner)


def address_of(person: Person) -> str:
    return f"{person.name.lower()}@example.test"


def fresh() -> str:
    """Return an unused address."""
    return f"{new_secret()[:12].lower().replace('_', 'x').replace('-', 'x')}@evil.example.test"


def standing(deployment: Deployment, person: Person) -> User:
    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert isinstance(user, User)
    return user


def told(deployment: Deployment, address: str) -> list[str]:
    """Return the subjects of the mails to an address."""
    return [mail.subject for mail in deployment.mails if address in mail.to]


def link_to(deployment: Deployment, address: str) -> str:
    mail = [mail for mail in deployment.mails if address in mail.to][-1]
    found = re.search(r"(/developer/\w+\?token=[A-Za-z0-9_-]{43})", mail.text)
    assert found, mail.text
    return found[1]


def asked(browser: Browser, email: str, password: str) -> requests.Response:
    return post(browser, ACCOUNT_PAGE.path, CHANGE_EMAIL.path, email=email, current_password=password)


def recovered(deployment: Deployment, address: str) -> Browser:
    """A browser with the page of the link that "forgotten password" sends to an address."""
    browser = Browser(deployment.base_url)
    browser.submit(browser.get(FORGOTTEN_PAGE.path), FORGOTTEN.path, account=address)
    return browser


# The address


def test_s118_no_bearer_token_changes_the_address(mailing: Deployment, owner: Person) -> None:
    consumer = Consumer(mailing, owner)
    for email in ("", fresh()):
        answer = consumer.call("PUT", "/consumer/account", json={"email": email}, headers={"If-Match": "*"})
        assert answer.status_code in (404, 405)

    assert standing(mailing, owner).email == address_of(owner)


@pytest.mark.parametrize("password", ["", "wrong"])
def test_s118_a_session_without_the_password_changes_no_address(
    mailing: Deployment, owner: Person, thief: Browser, password: str
) -> None:
    email = fresh()

    assert asked(thief, email, password).status_code == 400
    assert asked(thief, "", password).status_code == 400
    assert told(mailing, email) == []
    assert standing(mailing, owner).email == address_of(owner)


def test_s118_where_mail_is_sent_an_address_is_replaced_and_never_removed(
    mailing: Deployment, owner: Person, thief: Browser
) -> None:
    assert asked(thief, "", owner.password).status_code == 400

    assert standing(mailing, owner).email_confirmed


def test_s118_the_old_address_is_told_at_the_request_and_at_the_change_and_recovers_until_then(
    mailing: Deployment, owner: Person, thief: Browser
) -> None:
    old, new = address_of(owner), fresh()
    assert asked(thief, new, owner.password).status_code == 303
    assert told(mailing, old) == ["Gatepost: Your address is about to change"]
    recovered(mailing, old)
    assert told(mailing, old)[-1] == "Gatepost: Choose a new password"

    assert thief.submit(thief.get(link_to(mailing, new)), CONFIRM.path).status_code == 303
    assert told(mailing, old)[-1] == "Gatepost: Your address was changed"
    assert standing(mailing, owner).email == new
    recovered(mailing, old)
    assert told(mailing, old)[-1] == "Gatepost: Your address was changed"


@pytest.mark.parametrize("how", ["a new password", "signing out everywhere", "another address", "being stopped"])
def test_s118_a_link_that_was_asked_for_before_dies_with_what_its_owner_does(
    mailing: Deployment, owner: Person, thief: Browser, how: str
) -> None:
    evil = fresh()
    asked(thief, evil, owner.password)
    link, browser = link_to(mailing, evil), Browser(mailing.base_url)
    browser.sign_in(owner.name, owner.password)
    if how == "a new password":
        change = {"current_password": owner.password, "new_password": NEW_PASSWORD}
        assert post(browser, ACCOUNT_PAGE.path, CHANGE_PASSWORD.path, **change).status_code == 303
    elif how == "signing out everywhere":
        assert post(browser, ACCOUNT_PAGE.path, SIGN_OUT_EVERYWHERE.path).status_code == 303
    elif how == "being stopped":
        administered(mailing, owner, action="deactivate")
        activate_user(mailing.store, owner.user, now=time.time())
    else:
        mailing.store.change_email(standing(mailing, owner), fresh(), confirmed=True)

    assert browser.submit(browser.get(link), CONFIRM.path, password=owner.password).status_code == 400
    assert standing(mailing, owner).email != evil


def registered(deployment: Deployment, address: str) -> tuple[Browser, str]:
    """A browser that asked for an account with an address, and the name of that account."""
    browser, name = Browser(deployment.base_url), f"m{new_secret()[:10].replace('_', 'x').replace('-', 'x')}"
    fields = {"user_name": name, "email": address, "password": NEW_PASSWORD}
    assert browser.submit(browser.get(REGISTER_PAGE.path), REGISTER.path, **fields).status_code == 200
    return browser, name


def names_of(deployment: Deployment, name: str) -> list[str]:
    return [user.user_name for user in deployment.store.users(name.casefold(), cursor=None, limit=1).items]


def test_s350_the_owner_of_an_address_confirms_no_account_of_somebody_else(mailing: Deployment) -> None:
    address = fresh()
    stranger, name = registered(mailing, address)
    (mail,) = [mail for mail in mailing.mails if address in mail.to]
    assert f"the account {name} at" in mail.text
    victim = Browser(mailing.base_url)

    page = victim.get(link_to(mailing, address))
    for password in ("", "a password of their own"):
        assert victim.submit(page, CONFIRM.path, password=password).status_code == 400
    assert victim.post(CONFIRM.path, form_of(page, CONFIRM.path).fields).status_code == 400

    assert names_of(mailing, name) == []
    assert SESSION_COOKIE not in victim.cookies
    assert stranger.submit(stranger.get(link_to(mailing, address)), CONFIRM.path).status_code == 303
    assert names_of(mailing, name) == [name]


def test_s350_a_registration_is_confirmed_on_another_device_with_its_password(mailing: Deployment) -> None:
    address = fresh()
    _, name = registered(mailing, address)
    phone = Browser(mailing.base_url)

    page = phone.get(link_to(mailing, address))
    assert phone.submit(page, CONFIRM.path, password=NEW_PASSWORD).status_code == 303

    assert names_of(mailing, name) == [name]
    assert phone.get(ACCOUNT_PAGE.path).status_code == 200


def test_s350_an_address_is_confirmed_for_an_account_only_signed_in_to_it_or_with_its_password(
    mailing: Deployment, owner: Person, thief: Browser
) -> None:
    address, victim = fresh(), new_person(mailing)
    assert asked(thief, address, owner.password).status_code == 303
    browsers = Browser(mailing.base_url), entered(mailing, victim)

    for browser in browsers:
        page = browser.get(link_to(mailing, address))
        assert owner.name in page.text
        assert browser.submit(page, CONFIRM.path, password=victim.password + "x").status_code == 400
        assert browser.post(CONFIRM.path, form_of(page, CONFIRM.path).fields).status_code == 400
    assert standing(mailing, owner).email == address_of(owner)

    page = browsers[0].get(link_to(mailing, address))
    assert browsers[0].submit(page, CONFIRM.path, password=owner.password).status_code == 200
    assert (standing(mailing, owner).email, standing(mailing, owner).email_confirmed) == (address, True)
    assert SESSION_COOKIE not in browsers[0].cookies


def test_s350_a_link_of_an_older_release_asks_for_the_password(mailing: Deployment) -> None:
    address = fresh()
    browser, name = registered(mailing, address)
    (link,) = mailing.store.read(LinkKey(digest(link_to(mailing, address).partition("=")[2])))
    assert link is not None
    mailing.store.save_link(replace(link, browser_hash=""))

    page = browser.get(link_to(mailing, address))
    assert browser.submit(page, CONFIRM.path, password="").status_code == 400
    assert browser.submit(page, CONFIRM.path, password=NEW_PASSWORD).status_code == 303
    assert names_of(mailing, name) == [name]


def test_s118_without_mail_the_password_suffices(deployment: Deployment, signed_in: Browser, person: Person) -> None:
    assert asked(signed_in, "me@example.test", "wrong").status_code == 400
    assert asked(signed_in, "me@example.test", person.password).status_code == 303
    assert (standing(deployment, person).email, standing(deployment, person).email_confirmed) == (
        "me@example.test", False,
    )  # fmt: skip
    assert asked(signed_in, "", person.password).status_code == 303
    assert standing(deployment, person).email == ""


def administered(deployment: Deployment, person: Person, **fields: str) -> requests.Response:
    """Perform an administrator's action on an account."""
    boss = new_administrator(deployment)
    browser = entered(deployment, boss)
    at = {"user_id": person.user.user_id}
    return post(browser, ADMIN_USER_PAGE.at(**at), ADMIN_CHANGE_USER.at(**at), **fields)


def test_s118_an_administrator_can_remove_an_address_and_it_is_told(mailing: Deployment, owner: Person) -> None:
    assert administered(mailing, owner, action="remove_email").status_code == 303

    assert (standing(mailing, owner).email, standing(mailing, owner).email_confirmed) == ("", False)
    assert told(mailing, address_of(owner)) == ["Gatepost: Your address was changed"]


# Stopping an account


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


# A deletion that stopped halfway


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
    assert "Finish the deletion" in page.text
    assert browser.submit(page, DELETE_ACCOUNT.path).headers["Location"] == GOODBYE.path

    found = deployment.store.read(
        UserKey(person.user.user_id), AppKey(own.app.client_id), LoginKey(person.name.lower())
    )
    assert found == (None, None, None)
    assert browser.get(ACCOUNT_PAGE.path).status_code == 303


# Recovery


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
