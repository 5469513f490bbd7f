"""Administrators invite a user, mail a link for a new password, and export an account, over HTTP."""

from __future__ import annotations

import json

import pytest

from gatepost.identifiers import random_text
from gatepost.routes import (
    ADMIN_AUDIT_PAGE,
    ADMIN_EXPORT_USER,
    ADMIN_INVITE,
    ADMIN_INVITE_PAGE,
    ADMIN_SEND_RESET,
    ADMIN_USER_PAGE,
    ADMIN_USERS_PAGE,
    CONFIRM,
    RESET,
)
from infra.local.deployment import Deployment
from tests.answers import text_of
from tests.browsing import Browser, post
from tests.http.test_mailed_links import confirmed, link_in
from tests.people import Client, Person, entered, new_administrator, new_person

PASSWORD = "three unrelated words"


@pytest.fixture
def chief(extended: Deployment) -> Browser:
    return entered(extended, new_administrator(extended))


def invited(chief: Browser, name: str, email: str) -> str:
    answer = post(chief, ADMIN_INVITE_PAGE.path, ADMIN_INVITE.path, user_name=name, email=email)
    return (chief.get(answer.headers["Location"]) if answer.status_code == 303 else answer).text


def test_an_invited_person_chooses_a_password_and_has_an_account_with_a_confirmed_address(
    extended: Deployment, chief: Browser
) -> None:
    name = f"invited-{random_text(4)}".replace("_", "x").rstrip("-")
    email = f"{name}@example.test".lower()
    assert "The invitation was sent." in invited(chief, name, email)
    assert "No users match" in text_of(chief.get(f"{ADMIN_USERS_PAGE.path}?q={name}"))
    guest, link = Browser(extended.base_url), link_in(extended, email)
    refused = guest.submit(guest.get(link), CONFIRM.path, new_password="short")
    assert (refused.status_code, "Use at least" in refused.text) == (400, True)
    assert guest.submit(guest.get(link), CONFIRM.path, new_password=PASSWORD).status_code == 303
    assert Browser(extended.base_url).sign_in(email, PASSWORD).status_code == 303
    assert "has expired" in guest.get(link).text

    assert f"{name} {email} Active today" in text_of(chief.get(f"{ADMIN_USERS_PAGE.path}?q={name}"))
    listed = text_of(chief.get(ADMIN_AUDIT_PAGE.path))
    assert f"invited {name} ({email})" in listed
    assert "accepted an invitation" in listed
    taken = invited(chief, name.upper(), email.upper())
    assert "This user name is taken." in taken
    assert f"This is the address of {name}." in taken


def test_an_administrator_sends_a_link_for_a_new_password_to_a_confirmed_address_alone(
    extended: Deployment, chief: Browser
) -> None:
    person = confirmed(extended, f"{random_text(6)}@example.test".lower())
    (user,) = extended.store.users(person.name.casefold(), cursor=None, limit=1).items
    path = ADMIN_USER_PAGE.at(user_id=user.user_id)
    answer = post(chief, path, ADMIN_SEND_RESET.at(user_id=user.user_id))
    assert "A link for a new password was sent." in chief.get(answer.headers["Location"]).text
    guest = Browser(extended.base_url)
    guest.submit(guest.get(link_in(extended, user.email)), RESET.path, new_password=PASSWORD)
    assert Browser(extended.base_url).sign_in(person.name, PASSWORD).status_code == 303
    assert "a link for a new password" in text_of(chief.get(path))

    other = new_person(extended)
    at = {"user_id": other.user.user_id}
    assert "Send a link" not in chief.get(ADMIN_USER_PAGE.at(**at)).text
    assert post(chief, ADMIN_USER_PAGE.at(**at), ADMIN_SEND_RESET.at(**at)).status_code == 400


def test_without_a_sender_nobody_is_invited(admin: Browser, person: Person) -> None:
    assert "sends no mail" in admin.get(ADMIN_INVITE_PAGE.path).text
    path = ADMIN_USER_PAGE.at(user_id=person.user.user_id)
    for route in (ADMIN_INVITE, ADMIN_SEND_RESET):
        assert post(admin, path, route.at(user_id=person.user.user_id), user_name="x", email="y").status_code == 400


def test_s180_an_export_has_what_is_stored_of_the_account_without_hashes_and_is_audited(
    admin: Browser, client: Client, person: Person
) -> None:
    client.tokens(person)
    path = ADMIN_USER_PAGE.at(user_id=person.user.user_id)
    answer = post(admin, path, ADMIN_EXPORT_USER.at(user_id=person.user.user_id))

    assert answer.headers["Content-Disposition"] == f'attachment; filename="{person.name}.json"'
    document = json.loads(answer.text)
    assert document["account"]["user_name"] == person.name
    assert [each["client_id"] for each in document["apps"]] == [client.app.client_id]
    assert len(document["grants"]) == 1
    assert document["audit"]
    assert "_hash" not in answer.text
    assert "exported the data of" in text_of(admin.get(path))
