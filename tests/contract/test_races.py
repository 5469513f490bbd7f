"""Sixteen at once (S40, S68, S108): exactly one succeeds, or exactly as many as allowed.

On DynamoDB each request waits for the one before it, as it promises: see `cloud.OneAtATime`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gatepost.clients.owners import tell_apps
from gatepost.errors import Conflict
from gatepost.model.links import EmailOwner
from gatepost.model.records import AppSecret, Attempts
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey, AttemptsKey, EmailKey, GrantKey, LoginKey
from tests.contract.cloud import race
from tests.contract.records import APP, CODE, GRANT, LINK, LOGIN, REQUEST, USER, VOIDED, owner_of, register_app
from tests.unit.world import NOW

MANY = 16
WON = "won"


def outcomes(write: Callable[[int], object]) -> list[str]:
    """Return, for each of many at once, WON or the field of the conflict."""

    def step(number: int) -> str:
        try:
            write(number)
        except Conflict as conflict:
            return conflict.field
        return WON

    return race(MANY, step)


def user(number: int) -> Any:
    return USER._replace(user_id=f"u{number}", user_name=f"user{number}")


def app(number: int) -> Any:
    return APP._replace(client_id=f"a{number}", name=f"Web {number}")


def grant(number: int) -> Any:
    return GRANT._replace(grant_id=f"alice-id.g{number}")


def owners(store: Store) -> None:
    owner_of(store, APP)


def apps(store: Store) -> None:
    for number in range(MANY):
        register_app(store, app(number), limit=MANY)


def alice_with(store: Store) -> None:
    store.create_user(USER, LOGIN)
    store.save_request(REQUEST)


def users(store: Store) -> None:
    for number in range(MANY):
        store.create_user(user(number), LOGIN._replace(user_id=f"u{number}"))


RACES: dict[str, tuple[Callable[[Store], None], Callable[[Store, int], object], int, str]] = {
    "take a request": (alice_with, lambda s, _: s.take_request(REQUEST), 1, "request"),
    "allow a request": (
        alice_with,
        lambda s, n: s.approve(grant(n), user=USER, code=None, approval=None, request=REQUEST), 1, "request",
    ),
    "make apps up to a limit": (owners, lambda s, n: register_app(s, app(n), limit=5), 5, "owner"),
    "take a name": (
        owners, lambda s, n: s.create_user(USER._replace(user_id=f"u{n}"), LOGIN._replace(user_id=f"u{n}")),
        1, "user_name",
    ),
    "confirm an address": (users, lambda s, n: s.change_email(user(n), "one@x.test", confirmed=True), 1, "email"),
    "rename to one name": (
        apps, lambda s, n: s.update_app(app(n)._replace(name="One", version=2), before=app(n)), 1, "name"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "write", "winners", "field"), RACES.values(), ids=RACES)
def test_s108_of_many_as_many_win_as_may_and_the_others_are_told_why(
    racing_store: Store,
    before: Callable[[Store], None],
    write: Callable[[Store, int], object],
    winners: int,
    field: str,
) -> None:
    before(racing_store)

    seen = outcomes(lambda number: write(racing_store, number))

    assert sorted(seen) == sorted([WON] * winners + [field] * (MANY - winners))
    if field == "email":
        winner = seen.index(WON)
        owner = EmailOwner(user_id=f"u{winner}", user_name=f"user{winner}")
        assert racing_store.read(EmailKey("one@x.test")) == (owner,)
    assert len(racing_store.grants_of("alice-id")) <= 1


def test_s40_of_many_who_redeem_a_code_one_wins_and_all_see_who(racing_store: Store) -> None:
    racing_store.add_grant(GRANT)
    ends = {"now": NOW, "idle_expires_at": NOW + 1, "expires_at": NOW + 2}

    seen = race(MANY, lambda n: racing_store.redeem(GRANT.grant_id, attempt=f"a{n}", **ends))

    assert len({found.redeemed_by for found in seen if found is not None}) == 1
    assert None not in seen


def test_s68_of_many_who_rotate_a_grant_one_turns_it_and_all_see_its_result(racing_store: Store) -> None:
    racing_store.add_grant(GRANT)

    seen = race(
        MANY,
        lambda n: racing_store.rotate(
            GRANT.grant_id, 1, attempt=f"r{n}", now=NOW + n, idle_expires_at=NOW + 99, token_lifetime=9
        ),
    )

    (found,) = racing_store.read(GrantKey(GRANT.grant_id))
    assert found is not None
    assert found.generation == 2
    assert seen == [found] * MANY


def test_s34_of_many_failures_all_count(racing_store: Store) -> None:
    race(MANY, lambda _: racing_store.count_failure("name-hash", now=NOW, forget_at=NOW + 99))

    counted = Attempts(failures=MANY, last_failure_at=NOW, expires_at=NOW + 99)
    assert racing_store.read(AttemptsKey("name-hash")) == (counted,)


def test_s73_whoever_voids_an_account_and_lists_its_grants_has_seen_every_one(racing_store: Store) -> None:
    racing_store.create_user(USER, LOGIN)
    listed: list[str] = []

    def step(number: int) -> None:
        if number == 0:
            racing_store.void_user_grants("alice-id", grants_valid_from=NOW, revocation=VOIDED)
            listed.extend(found.grant_id for found in racing_store.grants_of("alice-id"))
            return
        racing_store.approve(grant(number), user=USER, code=CODE._replace(code_hash=f"h{number}"), approval=None)

    seen = outcomes(step)

    assert {f"alice-id.g{number}" for number, each in enumerate(seen) if number and each == WON} == set(listed)


def test_a_grant_that_many_revoke_is_published_once(racing_store: Store) -> None:
    racing_store.add_grant(GRANT)

    race(MANY, lambda n: racing_store.revoke_grant(GRANT.grant_id, now=NOW + n, feed_until=NOW + 99))

    assert len(racing_store.feed(0)) == 1


def test_of_many_who_use_a_link_one_does(racing_store: Store) -> None:
    racing_store.create_user(USER, LOGIN)
    racing_store.save_link(LINK)

    seen = outcomes(lambda n: racing_store.change_password(USER, f"hash {n}", sessions_valid_from=NOW, link=LINK))

    assert sorted(seen) == ["link"] * 15 + [WON]
    won = f"hash {seen.index(WON)}"
    assert racing_store.read(LoginKey("alice")) == (LOGIN._replace(password_hash=won),)


def test_of_many_who_change_an_app_one_does_and_the_others_see_it_changed(racing_store: Store) -> None:
    register_app(racing_store, APP, limit=1)

    def change(number: int) -> None:
        secret = AppSecret(secret_id=f"n{number}", secret_hash="h", created_at=NOW)
        changed = APP._replace(name=f"Web {number}", secrets=(*APP.secrets, secret), version=2)
        racing_store.update_app(changed, before=APP)

    seen = outcomes(change)

    assert sorted(seen) == ["version"] * 15 + [WON]
    (found,) = racing_store.read(AppKey(APP.client_id))
    assert found is not None
    assert (found.name, found.version, len(found.secrets)) == (f"Web {seen.index(WON)}", 2, 2)
    for number in range(MANY):  # names of those who lost are free
        if found.name != f"Web {number}":
            register_app(racing_store, app(number), limit=99)


def test_s119_an_app_that_is_made_while_its_owner_is_stopped_is_refused_or_told(racing_store: Store) -> None:
    owner = owner_of(racing_store, APP)

    def act(number: int) -> None:
        if number == MANY // 2:
            racing_store.set_user_status(owner.user_id, "deactivated")
            tell_apps(racing_store, owner.user_id, now=NOW)
            return
        racing_store.create_app(app(number), owner=owner, limit=MANY)

    seen = outcomes(act)

    assert set(seen) <= {WON, "user"}
    numbers = [number for number, each in enumerate(seen) if each == WON and number != MANY // 2]
    made = racing_store.read_each([AppKey(f"a{number}") for number in numbers])
    assert all(found is not None and found.owner_stopped for found in made)
    assert racing_store.app_count(owner.user_id) == len(made)
