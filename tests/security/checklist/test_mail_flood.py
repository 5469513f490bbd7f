"""Limits of mails that strangers can trigger, without using up another user's (S133)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepost.identifiers import new_secret
from gatepost.routes import FORGOTTEN, FORGOTTEN_PAGE, REGISTER, REGISTER_PAGE
from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.conftest import TEST_SETTINGS
from tests.people import new_person

PER_NETWORK = 20


@pytest.fixture(scope="module")
def mailing() -> Iterator[Deployment]:
    settings = {"mail_sender": "gatepost@example.com", "mails_per_network": PER_NETWORK}
    with Deployment(overrides={**TEST_SETTINGS, **settings}) as deployed:
        yield deployed


def mails_to(deployment: Deployment, address: str) -> int:
    return len([mail for mail in deployment.mails if address in mail.to.casefold()])


def register(deployment: Deployment, address: str) -> str:
    """Return the page after a registration, without the parts that depend on the name."""
    browser, name = Browser(deployment.base_url), f"n{new_secret()[:12].replace('_', 'x').replace('-', 'x')}"
    fields = {"user_name": name, "email": address, "password": "a fine password of 2026"}
    answer = browser.submit(browser.get(REGISTER_PAGE.path), REGISTER.path, **fields)
    assert answer.status_code == 200
    return answer.text


def forget(deployment: Deployment, account: str) -> str:
    browser = Browser(deployment.base_url)
    answer = browser.submit(browser.get(FORGOTTEN_PAGE.path), FORGOTTEN.path, account=account)
    assert answer.status_code == 200
    return answer.text


def test_s133_registering_often_sends_three_mails_to_an_address_and_answers_alike(mailing: Deployment) -> None:
    pages = {register(mailing, "flooded@example.test") for _ in range(6)}

    assert len(pages) == 1
    assert mails_to(mailing, "flooded@example.test") == 3


def test_s133_strangers_who_register_do_not_use_up_an_owners_recovery(mailing: Deployment) -> None:
    owner = new_person(mailing)
    mailing.store.change_email(owner.user, "owner@example.test", confirmed=True)
    for _ in range(5):
        register(mailing, "OWNER@example.test")
    assert mails_to(mailing, "owner@example.test") == 3

    pages = {forget(mailing, "owner@example.test") for _ in range(5)}

    assert len({page.replace(form_token(page), "") for page in pages}) == 1
    assert mails_to(mailing, "owner@example.test") == 6


def form_token(page: str) -> str:
    return page.partition('name="form_token" value="')[2].partition('"')[0]


def test_s133_a_network_is_counted_too(mailing: Deployment) -> None:
    for number in range(PER_NETWORK + 3):
        register(mailing, f"many{number}@example.test")

    assert len([mail for mail in mailing.mails if mail.to.startswith("many")]) <= PER_NETWORK
    assert mails_to(mailing, f"many{PER_NETWORK + 2}@example.test") == 0
