"""Writes about an account that its condition refuses: the field says why, and nothing at all has changed."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Any

import pytest

from gatepost.model.records import Login, User
from gatepost.scope import Scope
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import GrantKey, UserKey
from tests.contract import records as known
from tests.contract.app_steps import refused
from tests.contract.cloud import contents
from tests.contract.records import APP, CODE, GRANT, LINK, LOGIN, REQUEST, SESSION, USER, VOIDED
from tests.unit.world import APPROVAL, NOW, READ, READ_WRITE

BOSS = User(user_id="boss-id", user_name="Boss", role="administrator", status="active", created_at=NOW - 9)
BOB = USER._replace(user_id="bob-id", user_name="Bob", email="Bob@example.test", email_confirmed=True)
BOBS_LOGIN = Login(user_id="bob-id", password_hash="$2b$04$other")
MINE = APP._replace(owner="alice-id")
NEW = "new@example.test"
Step = Callable[[Store], object]


def create(**changes: Any) -> Step:
    """Create carol, who is bob but for her id and `changes`."""
    carol = BOB._replace(user_id="carol-id", **changes)
    return lambda s: s.create_user(carol, Login(user_id="carol-id", password_hash="h"))


def email(text: str, *, of: User = USER, confirmed: bool = True, **link: Any) -> Step:
    return lambda s: s.change_email(of, text, confirmed=confirmed, **link)


def password(of: User = USER, **link: Any) -> Step:
    return lambda s: s.change_password(of, "new", sessions_valid_from=NOW, **link)


def delete(user: User = USER) -> Step:
    return lambda s: s.delete_user(user, revocation=VOIDED, forget_at=NOW)


def stop(user: User = USER) -> Step:
    return lambda s: s.deactivate_user(user, valid_from=NOW, revocation=VOIDED, besides=None)


def leave(user: User = USER) -> Step:
    return lambda s: s.begin_deletion(user, valid_from=NOW, revocation=VOIDED, besides=None)


def approve(user: User = USER, **given: Any) -> Step:
    return lambda s: s.approve(GRANT, user=user, code=CODE, approval=APPROVAL, **given)


def void(at: int) -> Step:
    return lambda s: s.void_user_grants("alice-id", grants_valid_from=at, revocation=VOIDED)


def status(text: str) -> Step:
    return lambda s: s.set_user_status("alice-id", text)


def take(**changes: Any) -> Step:
    return lambda s: s.take_request(REQUEST._replace(**changes))


ROLE: Step = methodcaller("set_user_rights", "alice-id", role="administrator")
OUT: Step = methodcaller("void_sessions", "alice-id", sessions_valid_from=NOW + 1)
ASKED: Step = methodcaller("save_request", REQUEST)
SIGNED_IN: Step = methodcaller("start_session", SESSION)
LINKED: Step = methodcaller("save_link", LINK)
REFUSED: dict[str, tuple[list[Step], Step, str]] = {
    # a name, an address
    "a name that is taken": ([], create(user_name="bob", email=""), "user_name"),
    "a name in other letters": ([], create(user_name="BOB", email_confirmed=False), "user_name"),
    "a name before an address": ([], create(user_name="BOB"), "user_name"),
    "an address that is taken": ([], create(user_name="carol", email="BOB@EXAMPLE.test"), "email"),
    "another's address": ([], email("BOB@example.test"), "email"),
    "an address of who confirmed it first": (
        [email(NEW, confirmed=False), email(NEW, of=BOB)], email(NEW, of=USER._replace(email=NEW)), "email",
    ),
    # an account that is gone
    "a password of nobody": ([delete()], password(), "user"),
    "a password without a login": ([], password(USER._replace(user_name="alice2")), "user"),
    "a password without an account": ([], password(USER._replace(user_id="carol-id")), "user"),
    "an address of nobody": ([delete()], email(NEW), "user"),
    "an address of nobody, unconfirmed": ([delete()], email(NEW, confirmed=False), "user"),
    "a stop of nobody": ([delete()], stop(), "user"),
    "a deletion of nobody": ([delete()], leave(), "user"),
    # an account that changed since it was read
    "a second change of an address": ([email(NEW)], email("second@example.test"), "user"),
    "an address after sessions were voided": ([OUT], email(NEW), "user"),
    "an address after they were voided again": (
        [OUT, methodcaller("void_sessions", "alice-id", sessions_valid_from=NOW + 5)],
        email(NEW, of=USER._replace(sessions_valid_from=NOW + 1)), "user",
    ),
    "a deletion after another address": ([email(NEW)], delete(), "user"),
    "a deletion after another status": ([status("pending")], delete(), "user"),
    "a deletion after another role": ([ROLE], delete(), "user"),
    "a stop after another role": ([ROLE], stop(), "user"),
    "a stop of who is leaving": ([leave()], stop(USER._replace(status="leaving")), "user"),
    "a decided deletion after another status": ([status("deactivated")], leave(), "user"),
    # apps and their owner
    "a deletion with apps": ([lambda s: known.register_app(s, MINE, limit=9)], delete(), "apps"),
    "an app of who was deleted and came again": (
        [delete(), lambda s: s.create_user(USER, LOGIN)], lambda s: known.register_app(s, MINE, limit=16), "owner"
    ),
    # links
    "a link to register that was used": ([], lambda s: s.create_user(
        BOB._replace(user_id="x", user_name="x", email=""), BOBS_LOGIN, link=LINK), "link"),
    "a link to an address that was used": ([], email(NEW, link=LINK), "link"),
    "a link to reset that was used": ([], password(link=LINK), "link"),
    "a link that waits, for a taken name": (
        [LINKED], lambda s: s.create_user(BOB._replace(user_id="x"), BOBS_LOGIN, link=LINK), "user_name"
    ),
    "a link that waits, for a taken address": ([LINKED], email("bob@example.test", link=LINK), "email"),
    # approvals
    "an approval after grants were voided": ([void(NOW)], approve(), "user"),
    "an approval after they were voided again": (
        [void(NOW - 50), void(NOW)], approve(USER._replace(grants_valid_from=NOW - 50)), "user"
    ),
    "an approval of who was stopped": ([status("deactivated")], approve(), "user"),
    "an approval of who was stopped, as they were voided": (
        [void(NOW), status("deactivated")], approve(USER._replace(grants_valid_from=NOW)), "user"
    ),
    "an approval of who is stopped": ([status("deactivated")], approve(USER._replace(status="deactivated")), "user"),
    "an approval of nobody": ([delete()], approve(), "user"),
    "an approval by an old password": ([password()], approve(USER._replace(sessions_valid_from=NOW), login=LOGIN),
                                       "user"),
    "an approval by the password of nobody": ([delete()], approve(login=LOGIN), "user"),
    "an approval in a session that ended": ([], approve(signed_into=known.SIGNED_INTO, session=SESSION), "user"),
    "an approval in a session that was voided": (
        [SIGNED_IN, OUT], approve(signed_into=known.SIGNED_INTO, session=SESSION), "user"
    ),
    "an approval of what was answered": ([], approve(request=REQUEST), "request"),
    "an approval that waits, of who was stopped": ([ASKED, status("deactivated")], approve(request=REQUEST), "user"),
    "an approval that waits, by an old password": ([ASKED, password()], approve(login=LOGIN, request=REQUEST), "user"),
    # requests that wait for an answer
    "a request that nobody kept": ([], take(), "request"),
    "a request that was taken": ([ASKED, take()], take(), "request"),
    "a request that was granted": ([ASKED, approve(request=REQUEST)], take(), "request"),
    "a request of another session": ([ASKED], take(session_hash="s2"), "request"),
    "a request without a session": ([ASKED], take(session_hash=""), "request"),
    "a request of another user": ([ASKED], take(user_id="bob-id"), "request"),
}  # fmt: skip


@pytest.fixture(autouse=True)
def accounts(store: Store) -> None:
    store.create_user(USER, LOGIN)
    store.create_user(BOB, BOBS_LOGIN)
    store.create_user(BOSS, LOGIN._replace(user_id="boss-id"))


@pytest.mark.parametrize(("before", "write", "field"), REFUSED.values(), ids=REFUSED)
def test_s25_s73_s108_s118_s125_s137_s340_s353_a_refused_write_says_why(
    store: Store, before: list[Step], write: Step, field: str
) -> None:
    for step in before:
        step(store)
    found = contents(store)

    refused(field, write, store)

    assert contents(store) == found


@pytest.mark.parametrize(
    ("read", "stands"),
    [
        (("", False), ("x@example.test", False)),
        (("x@example.test", False), ("y@example.test", False)),
        (("x@example.test", False), ("x@example.test", True)),
        (("x@example.test", True), ("y@example.test", True)),
        (("x@example.test", True), ("x@example.test", False)),
    ],
)
def test_an_address_is_as_it_was_read_if_both_its_text_and_its_confirmation_are(
    store: Store, read: tuple[str, bool], stands: tuple[str, bool]
) -> None:
    before, standing = (USER._replace(email=text, email_confirmed=confirmed) for text, confirmed in (read, stands))
    store.change_email(USER, before.email, confirmed=before.email_confirmed)
    store.change_email(before, standing.email, confirmed=standing.email_confirmed)

    refused("user", email(NEW, of=before, confirmed=False), store)
    refused("user", delete(before), store)
    assert store.read(UserKey("alice-id")) == (standing,)


RIGHTS: tuple[dict[str, Any], ...] = (
    {"scope": None}, {"scope": Scope()}, {"scope": READ}, {"scope": READ_WRITE}, {"groups": ("editors",)},
    {"groups": ("editors", "staff")},
)  # fmt: skip


@pytest.mark.parametrize("now", RIGHTS)
def test_s354_an_approval_counts_with_limit_and_groups_as_they_were_read(store: Store, now: dict[str, Any]) -> None:
    store.set_user_rights("alice-id", **now)

    for then in RIGHTS:
        if then != now:
            refused("user", approve(USER._replace(**then)), store)
    assert store.read(GrantKey(GRANT.grant_id)) == (None,)
    approve(USER._replace(**now))(store)
    assert store.read(GrantKey(GRANT.grant_id)) == (GRANT,)


# Each way in which an account stops being an administrator, if the boss must be one
BESIDES: dict[str, Step] = {
    "stop": lambda s: s.deactivate_user(USER, valid_from=NOW, revocation=VOIDED, besides=BOSS),
    "demote": lambda s: s.demote(USER.user_id, besides=BOSS),
    "leave": lambda s: s.begin_deletion(USER, valid_from=NOW, revocation=VOIDED, besides=BOSS),
    "delete": lambda s: s.delete_user(USER, revocation=VOIDED, forget_at=NOW + 9, besides=BOSS),
}
NONE_ANY_MORE: dict[str, Step] = {
    "a user": lambda s: s.set_user_rights("boss-id", role="user"),
    "deactivated": lambda s: s.set_user_status("boss-id", "deactivated"),
    "leaving": lambda s: s.set_user_status("boss-id", "leaving"),
    "gone": lambda s: s.delete_user(BOSS, revocation=VOIDED, forget_at=NOW),
}


@pytest.mark.parametrize("change", BESIDES)
def test_s125_beside_an_administrator_everybody_can_go(store: Store, change: str) -> None:
    BESIDES[change](store)
    (after,) = store.read(UserKey("alice-id"))
    assert after is None or after.status in ("deactivated", "leaving") or after.role == "user"


@pytest.mark.parametrize("stands", NONE_ANY_MORE)
@pytest.mark.parametrize("change", BESIDES)
def test_s125_nobody_goes_beside_an_administrator_who_is_none_any_more(store: Store, change: str, stands: str) -> None:
    NONE_ANY_MORE[stands](store)
    found = contents(store)

    refused("administrator", BESIDES[change], store)

    assert contents(store) == found
