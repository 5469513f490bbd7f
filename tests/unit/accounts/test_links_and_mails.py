"""Links that are void once their account has changed, and limits of mails (S118, S133)."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from gatepost.accounts.links import (
    LINK_LIFETIME,
    ask_for_address,
    asked_here,
    check_confirming_password,
    living_link,
    new_link,
    still_meant,
    tell_change,
)
from gatepost.authentication.passwords import hash_password
from gatepost.errors import InvalidGrant, TooManyAttempts
from gatepost.identifiers import digest
from gatepost.mail.limits import may_mail
from gatepost.mail.messages import Mail
from gatepost.model.links import Link, LinkKind
from gatepost.stores.record_keys import LinkKey
from tests.unit.world import ALICE, NOW, PASSWORD, World


@pytest.mark.parametrize(
    ("changes", "meant"),
    [
        *(({}, True), ({"sessions_valid_from": NOW - 1}, True), ({"sessions_valid_from": NOW}, False)),
        *(({"email": "another@example.test"}, False), ({"status": "deactivated"}, False)),
    ],
)
@pytest.mark.parametrize("kind", ["reset", "email"])
def test_s118_a_link_is_meant_while_the_account_stands(kind: Any, changes: dict[str, Any], meant: bool) -> None:
    user = ALICE._replace(email="alice@example.test", email_confirmed=True)
    addresses = {"email": user.email} if kind == "reset" else {"email": "new@example.test", "email_before": user.email}
    link = Link(
        link_hash="h", kind=kind, user_id="alice-id", user_name="alice", expires_at=NOW + LINK_LIFETIME, **addresses
    )

    assert still_meant(link, user._replace(**changes)) is meant


def test_a_link_to_a_new_address_knows_the_old_one(world: World) -> None:
    token = new_link(
        world.store, "email", user_id="u", user_name="alice", email="new@x.test", email_before="old@x.test", now=NOW
    )

    link = world.stored(LinkKey(digest(token)))
    assert (link.email, link.email_before) == ("new@x.test", "old@x.test")


CAROLS = hash_password("carols own password", cost=4)


def confirming(world: World, **fields: Any) -> Link:
    """A link to confirm: of a registration, or with a `user_id` for a new address."""
    kind: LinkKind = "email" if fields.get("user_id") else "register"
    token = new_link(world.store, kind, email="new@x.test", now=NOW, **{"user_name": "alice", **fields})
    link = living_link(world.store, token, kind, now=NOW)
    assert link is not None
    return link


@pytest.mark.parametrize(
    ("asked", "cookie", "here"),
    [("b1", "b1", True), ("b1", "b2", False), ("b1", "", False), ("", "", False), ("", "b1", False)],
)
def test_s350_a_registration_knows_its_browser(world: World, asked: str, cookie: str, here: bool) -> None:
    link = confirming(world, user_name="carol", browser=asked)

    assert asked_here(link, cookie) is here
    assert link.browser_hash == "" or link.browser_hash != digest(asked)


@pytest.mark.parametrize(
    ("fields", "password", "right"),
    [
        ({"user_name": "carol", "password_hash": CAROLS}, "carols own password", True),
        ({"user_name": "carol", "password_hash": CAROLS}, PASSWORD, False),
        ({"user_name": "alice", "password_hash": ""}, PASSWORD, False),  # the name is taken meanwhile
        ({"user_name": "alice", "user_id": "alice-id"}, PASSWORD, True),
        ({"user_name": "Alice", "user_id": "alice-id"}, PASSWORD, True),
        ({"user_name": "alice", "user_id": "alice-id"}, "wrong", False),
        ({"user_name": "alice", "user_id": "alice-id"}, "", False),
        ({"user_name": "alice", "user_id": "of an account that was deleted"}, PASSWORD, False),
        ({"user_name": "nobody", "user_id": "of an account that was deleted"}, PASSWORD, False),
    ],
)
def test_s350_a_link_asks_for_its_password(world: World, fields: dict[str, Any], password: str, right: bool) -> None:
    link = confirming(world, **fields)

    with nullcontext() if right else pytest.raises(InvalidGrant):
        check_confirming_password(world.store, world.settings, link, password, now=NOW)


def test_s350_the_owner_of_an_address_guesses_five_passwords_with_a_link(world: World) -> None:
    link = confirming(world, user_id="alice-id")

    def guess(link: Link, password: str, now: float = NOW) -> None:
        check_confirming_password(world.store, world.settings, link, password, now=now)

    for _ in range(5):
        with pytest.raises(InvalidGrant):
            guess(link, "wrong")
    with pytest.raises(TooManyAttempts):
        guess(link, PASSWORD, NOW + LINK_LIFETIME - 1)
    guess(confirming(world, user_id="alice-id"), PASSWORD)


@pytest.mark.parametrize("confirmed", [True, False])
def test_s118_a_new_address_is_asked_for_by_mail_and_a_confirmed_one_is_told(world: World, confirmed: bool) -> None:
    sent: list[Mail] = []
    mailer: Any = SimpleNamespace(send=sent.append)
    user = ALICE._replace(email="old@x.test", email_confirmed=confirmed)

    ask_for_address(world.store, world.settings, mailer, user, "new@x.test", now=NOW)
    tell_change(world.settings, mailer, user, "new@x.test")

    told = ["old@x.test"] if confirmed else []
    assert [mail.to for mail in sent] == [*told, "new@x.test", *told]


def mailed(world: World, kind: Any, address: str, *, source_ip: str = "192.0.2.1", now: float = NOW) -> bool:
    return may_mail(world.store, world.settings, kind, address, source_ip=source_ip, now=now)


def test_s133_an_address_gets_so_many_mails_of_a_kind_until_an_hour_passed_without(world: World) -> None:
    assert [mailed(world, "recovery", "a@x.test") for _ in range(4)] == [True, True, True, False]
    assert not mailed(world, "recovery", "A@X.test", now=NOW + 3599)
    assert mailed(world, "registration", "a@x.test")
    assert mailed(world, "recovery", "b@x.test")
    assert mailed(world, "recovery", "a@x.test", now=NOW + 3600)


def test_s133_a_network_asks_for_so_many_and_uses_up_nobodys_address(world: World) -> None:
    world.set(mails_per_network=2)
    assert [mailed(world, "recovery", f"{name}@x.test") for name in "abc"] == [True, True, False]

    assert [mailed(world, "recovery", "c@x.test", source_ip="192.0.2.2") for _ in range(2)] == [True, True]
