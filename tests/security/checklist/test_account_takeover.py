"""A session or a token is not enough to take over the account: address, links, recovery (S118, S122, S123, S350)."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from gatepost.accounts.removal import activate_user
from gatepost.authentication.sessions import SESSION_COOKIE
from gatepost.identifiers import digest, new_secret
from gatepost.model.records import User
from gatepost.routes import (
    ACCOUNT_PAGE,
    CHANGE_PASSWORD,
    CONFIRM,
    REGISTER,
    REGISTER_PAGE,
    SIGN_OUT_EVERYWHERE,
)
from gatepost.stores.record_keys import LinkKey, UserKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, form_of, post
from tests.http.consumer import Consumer
from tests.people import Person, entered, new_person
from tests.security.checklist.mailed import NEW_PASSWORD, address_of, administered, asked, link_to, recovered


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


def test_s118_an_administrator_can_remove_an_address_and_it_is_told(mailing: Deployment, owner: Person) -> None:
    assert administered(mailing, owner, action="remove_email").status_code == 303

    assert (standing(mailing, owner).email, standing(mailing, owner).email_confirmed) == ("", False)
    assert told(mailing, address_of(owner)) == ["Gatepost: Your address was changed"]


# Stopping an account


# A deletion that stopped halfway


# Recovery
