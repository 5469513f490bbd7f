"""The flows of the account page: address, password, sessions and the end of the account."""

from __future__ import annotations

from typing import Any

from gatepost.authentication.sign_in import check_may_enter
from gatepost.identifiers import digest
from gatepost.model.sessions import Session
from gatepost.routes import (
    ACCOUNT_PAGE,
    CHANGE_EMAIL,
    CHANGE_PASSWORD,
    DELETE_ACCOUNT,
    END_SESSION,
    SIGN_OUT_EVERYWHERE,
)
from gatepost.stores.dynamodb.app_owners import CLOSED
from gatepost.stores.record_keys import SessionKey, UserKey
from tests.security.faults.authorize_flows import grants, remember
from tests.security.faults.events import page
from tests.security.faults.flow import Flows
from tests.security.faults.page_flows import LOGIN_AGAIN, SIGNED_OUT, account, mailed, password_changed, password_is
from tests.security.faults.world import ALICE, COOKIES, NEW_PASSWORD, Answer, Event, World
from tests.unit.world import NOW, PASSWORD

FLOWS = Flows()


@FLOWS.add("account", "page", "200")
def _(world: World) -> Event:
    return page(ACCOUNT_PAGE)


@FLOWS.add("account", "address, by mail", "303 /developer/account mail_sent", check=mailed)
def _(world: World) -> Event:
    return page(CHANGE_EMAIL, form={"email": "new@example.test", "current_password": PASSWORD})


PASSWORDS = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}


@FLOWS.add(
    "account",
    "password",
    "303 /developer/account password_changed",
    check=password_changed,
    again=(LOGIN_AGAIN,),
)
def _(world: World) -> Event:
    return page(CHANGE_PASSWORD, form=PASSWORDS)


def all_changed(world: World, answer: Answer | None) -> None:
    """Check that the password is changed and every earlier grant revoked."""
    password_changed(world, answer)
    all_ended(world, answer)


def all_ended(world: World, answer: Answer | None) -> None:
    assert all(grant.created_at <= account(world).grants_valid_from for grant in grants(world))
    assert world.store.approvals_of(ALICE.user_id) == []


@FLOWS.add(
    "account",
    "password, and every app ends",
    "303 /developer/account password_changed",
    check=all_changed,
    again=(LOGIN_AGAIN,),
)
def _(world: World) -> Event:
    connected(world)
    return page(CHANGE_PASSWORD, form={**PASSWORDS, "end_grants": "on"})


def connected(world: World) -> None:
    """Alice approved the web app and it has tokens; another code waits."""
    remember(world)
    world.tokens()
    world.now += 2


def other_ended(world: World, answer: Answer | None) -> None:
    assert [each.session_hash for each in world.store.sessions_of(ALICE.user_id)] == [digest(COOKIES[ALICE.user_id])]


@FLOWS.add("account", "end a session", "303 /developer/account session_ended", check=other_ended)
def _(world: World) -> Event:
    world.store.start_session(
        Session(session_hash=digest("other"), user_id=ALICE.user_id, created_at=NOW - 5, expires_at=NOW + 999)
    )
    return page(END_SESSION, at={"session_id": digest("other")})


def none_left(world: World, answer: Answer | None) -> None:
    valid_from = account(world).sessions_valid_from
    assert all(each.created_at < valid_from for each in world.store.sessions_of(ALICE.user_id))


@FLOWS.add("account", "sign out everywhere", SIGNED_OUT, check=none_left, again=(LOGIN_AGAIN,))
def _(world: World) -> Event:
    return page(SIGN_OUT_EVERYWHERE)


def account_gone(world: World, answer: Answer | None) -> None:
    assert world.store.read(UserKey(ALICE.user_id)) == (None,)
    left = [item for items in world.cloud.items().values() for item in items if item_of_alice(item)]
    assert left == []


def item_of_alice(item: dict[str, dict[str, str]]) -> bool:
    """Whether an item belongs to the account, and is no trace of actions: the blocked count expires by itself."""
    if item.get("apps") == CLOSED and "ttl" in item:
        return False
    if "event" in item or "code_hash" in item or item.get("pk", {}).get("S") == "feed":
        return False
    return any(ALICE.user_id in value.get("S", "") for value in item.values())


def account_stands(world: World, answer: Answer | None) -> None:
    """It is gone, or as it was, or nothing of it counts and its owner can sign in to finish the deletion."""
    (user,) = world.store.read(UserKey(ALICE.user_id))
    if user is None:
        return
    assert password_is(world, PASSWORD)
    if user.status == "active":
        assert user.grants_valid_from == ALICE.grants_valid_from
        assert world.store.read(SessionKey(ALICE.user_id, digest(COOKIES[ALICE.user_id]))) != (None,)
    else:
        assert (user.status, check_may_enter(user)) == ("leaving", user)


# Nothing is redeemed by a code that outlives its grant, for a minute; the owner goes on after a sign-in.
HALFWAY = ("code without its grant", "deletion that stopped")
DELETION: dict[str, Any] = {
    "check": account_gone, "unless": account_stands, "again": (LOGIN_AGAIN,), "tolerated": HALFWAY,
}  # fmt: skip


@FLOWS.add(
    "account",
    "delete",
    "303 /developer/goodbye, signed out",
    **DELETION,
)
def _(world: World) -> Event:
    connected(world)
    return page(DELETE_ACCOUNT, form={"confirm_name": "alice", "current_password": PASSWORD})


def half_deleted(world: World) -> None:
    """The deletion of the account was decided, and nothing done."""
    connected(world)
    world.store.begin_deletion(account(world), valid_from=int(world.now), revocation=None, besides=None)


@FLOWS.add("account", "page of a deletion that stopped", "200", tolerated=HALFWAY)
def _(world: World) -> Event:
    half_deleted(world)
    return page(ACCOUNT_PAGE)


@FLOWS.add(
    "account",
    "go on with a deletion",
    "303 /developer/goodbye, signed out",
    **DELETION,
)
def _(world: World) -> Event:
    half_deleted(world)
    return page(DELETE_ACCOUNT)
