"""Accounts with an address, and the links that are mailed to it."""

from __future__ import annotations

import re

import requests

from gatepost.identifiers import new_secret
from gatepost.model.records import User
from gatepost.routes import (
    ACCOUNT_PAGE,
    ADMIN_CHANGE_USER,
    ADMIN_USER_PAGE,
    CHANGE_EMAIL,
    FORGOTTEN,
    FORGOTTEN_PAGE,
)
from gatepost.stores.record_keys import UserKey
from infra.local.deployment import Deployment
from tests.browsing import Browser, post
from tests.people import Person, entered, new_administrator

NEW_PASSWORD = "another password 1"


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
    return [mail.subject for mail in deployment.mails if address in mail.to.casefold()]


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


def administered(deployment: Deployment, person: Person, **fields: str) -> requests.Response:
    """Perform an administrator's action on an account."""
    boss = new_administrator(deployment)
    browser = entered(deployment, boss)
    at = {"user_id": person.user.user_id}
    return post(browser, ADMIN_USER_PAGE.at(**at), ADMIN_CHANGE_USER.at(**at), **fields)
