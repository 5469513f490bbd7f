"""Accounts that are made, and passwords that are replaced, by a link in a mail (S105, S111)."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from gatepost.accounts.accounts import InvalidAccount, change_email
from gatepost.accounts.links import living_link
from gatepost.accounts.recovery import mail_recovery, recover
from gatepost.accounts.registration import (
    check_open,
    confirm_email,
    confirm_registration,
    mail_registration,
    tell_old_address,
)
from gatepost.accounts.removal import deactivate_user, delete_user
from gatepost.authentication.passwords import hash_password
from gatepost.errors import InvalidRequest, TemporarilyUnavailable
from gatepost.mail.messages import Mail
from gatepost.model.links import Link
from gatepost.model.records import Login
from tests.unit.signing_in import account, opens, sign_in
from tests.unit.world import ALICE, NOW, PASSWORD, World

ADDRESS = "carol@example.test"
CAROL = ALICE._replace(user_id="carol-id", user_name="carol", email=ADDRESS, email_confirmed=True)
NEW = "a better password"
HASH = hash_password("the password before", cost=4)


class Mails:
    """The port that sends, and the links in what was sent."""

    def __init__(self, world: World) -> None:
        self.sent: list[Mail] = []
        self._store = world.store

    def send(self, mail: Mail) -> None:
        self.sent.append(mail)

    def link(self) -> Link:
        (token,) = re.findall(r"token=(\S+)", self.sent[-1].text)
        link = living_link(self._store, token, "register", "reset", now=NOW)
        assert link is not None
        return link


@pytest.fixture
def mails(world: World) -> Mails:
    return Mails(world)


def register(world: World, mails: Mails, **changes: str) -> None:
    entries = {"user_name": "bob", "email": "bob@example.test", "password": NEW, "browser": "b"} | changes
    mail_registration(world.store, world.settings, mails, **entries, source_ip="192.0.2.1", now=NOW)


def ask(world: World, mails: Mails, typed: str = "carol", **changes: Any) -> None:
    world.store.create_user(CAROL._replace(**changes), Login(user_id="carol-id", password_hash=HASH))
    mail_recovery(world.store, world.settings, mails, typed, source_ip="192.0.2.1", now=NOW)


# Registering


def test_s105_a_mailed_link_makes_the_account_with_its_password(world: World, mails: Mails) -> None:
    register(world, mails)
    assert not opens(world, NEW, "bob")

    user = confirm_registration(world.store, world.settings, mails.link(), now=NOW)

    assert (user.user_name, user.email, user.email_confirmed) == ("bob", "bob@example.test", True)
    assert sign_in(world, "bob", NEW) == user.user_id


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"email": ""}, "email"), ({"password": "short"}, "password"), ({"user_name": "Alice"}, "user_name")],
)
def test_a_registration_says_what_cannot_be(world: World, mails: Mails, changes: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidAccount) as caught:
        register(world, mails, **changes)

    assert list(caught.value.faults) == [field]
    assert mails.sent == []


def test_only_the_owner_of_a_known_address_learns_that_it_is_known(world: World, mails: Mails) -> None:
    world.store.create_user(CAROL, Login(user_id="carol-id", password_hash=HASH))

    register(world, mails, email="Carol@example.test")

    assert [(mail.to, mail.subject) for mail in mails.sent] == [
        ("Carol@example.test", "Gatepost: You already have an account")
    ]


def test_closed_registration_makes_no_account_of_an_open_link(world: World, mails: Mails) -> None:
    check_open(world.settings)
    register(world, mails)
    world.set(registration="closed")

    with pytest.raises(InvalidRequest):
        confirm_registration(world.store, world.settings, mails.link(), now=NOW)


# Recovering


@pytest.mark.parametrize("typed", ["carol", ADDRESS])
def test_s111_a_mailed_link_replaces_the_password_once(world: World, mails: Mails, typed: str) -> None:
    ask(world, mails, typed)
    link = mails.link()
    for _ in range(5):
        assert not opens(world, PASSWORD, "carol")

    with pytest.raises(InvalidRequest):
        recover(world.store, world.settings, link._replace(link_hash="used"), NEW, now=NOW, ends_grants_at=None)
    recover(world.store, world.settings, link, NEW, now=NOW, ends_grants_at=None)

    assert sign_in(world, "carol", NEW) == "carol-id"  # which the failures do not slow down
    with pytest.raises(InvalidRequest):
        recover(world.store, world.settings, link, PASSWORD, now=NOW, ends_grants_at=None)


@pytest.mark.parametrize(
    ("typed", "changes"),
    [("nobody", {}), ("carol", {"status": "deactivated"}), ("carol", {"email_confirmed": False})],
)
def test_no_link_is_mailed_for_an_account_that_it_could_not_recover(
    world: World, mails: Mails, typed: str, changes: dict[str, Any]
) -> None:
    ask(world, mails, typed, **changes)

    assert mails.sent == []


@pytest.mark.parametrize("kind", ["registration", "recovery"])
def test_mails_are_withheld_beyond_their_limit(world: World, mails: Mails, kind: str) -> None:
    world.set(mails_per_network=0)

    register(world, mails) if kind == "registration" else ask(world, mails)

    assert mails.sent == []


CHANGES: list[Callable[[World], object]] = [
    lambda world: change_email(world.store, CAROL, "another@example.test", confirmed=True),
    lambda world: deactivate_user(world.store, CAROL, now=NOW, by=ALICE),
    lambda world: delete_user(world.store, CAROL, now=NOW),
]


@pytest.mark.parametrize("change", CHANGES, ids=["address", "status", "deletion"])
def test_a_link_is_void_once_its_account_changed(world: World, mails: Mails, change: Callable[[World], object]) -> None:
    ask(world, mails)
    recovering = mails.link()
    change(world)

    with pytest.raises(InvalidRequest):
        recover(world.store, world.settings, recovering, NEW, now=NOW, ends_grants_at=None)
    with pytest.raises(InvalidRequest):
        confirm_email(world.store, recovering._replace(kind="email", email="new@example.test", email_before=ADDRESS))


# A new address


def test_a_mailed_link_confirms_a_new_address(world: World, mails: Mails) -> None:
    ask(world, mails)
    link = mails.link()._replace(kind="email", email="new@example.test", email_before=ADDRESS)
    world.store.save_link(link)

    assert confirm_email(world.store, link) == CAROL

    changed = account(world, CAROL)
    assert changed
    assert (changed.email, changed.email_confirmed) == ("new@example.test", True)


@pytest.mark.parametrize(("email", "told"), [("new@example.test", [ADDRESS]), ("", [ADDRESS]), (ADDRESS.upper(), [])])
def test_the_address_before_is_told_that_it_was_replaced(
    world: World, mails: Mails, email: str, told: list[str]
) -> None:
    tell_old_address(world.settings, mails, CAROL, email)

    assert [mail.to for mail in mails.sent] == told


def test_an_address_is_changed_even_if_nobody_can_be_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(_: Mail) -> None:
        raise TemporarilyUnavailable("try again")

    tell_old_address(world.settings, SimpleNamespace(send=refuse), CAROL, "")
    tell_old_address(world.settings, None, CAROL, "")

    assert capsys.readouterr().out.count("account.mail_not_sent") == 1
