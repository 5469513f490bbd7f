"""Sixteen at once (S40, S68, S108): exactly one succeeds, or exactly as many as allowed.

On moto each request waits for the one before it, as DynamoDB promises and moto does not: see `cloud.OneAtATime`.
"""

from __future__ import annotations

from dataclasses import replace

from gatepost.clients.owners import tell_apps
from gatepost.errors import Conflict
from gatepost.model.links import EmailOwner
from gatepost.model.records import AppSecret
from gatepost.stores.ports.store import Store
from gatepost.stores.record_keys import AppKey, AttemptsKey, EmailKey, GrantKey, LoginKey
from tests.contract.cloud import race
from tests.contract.records import APP, CODE, GRANT, LINK, LOGIN, REQUEST, USER, VOIDED, owner_of, register_app
from tests.unit.world import NOW

MANY = 16


def test_s40_of_many_who_redeem_a_code_one_wins_and_all_see_who(racing_store: Store) -> None:
    racing_store.add_grant(GRANT)

    seen = race(
        MANY,
        lambda n: racing_store.redeem(
            GRANT.grant_id, attempt=f"a{n}", now=NOW, idle_expires_at=NOW + 1, expires_at=NOW + 2
        ),
    )

    winners = {grant.redeemed_by for grant in seen if grant is not None}
    assert len(seen) == MANY
    assert len(winners) == 1
    assert None not in seen


def test_s68_of_many_who_rotate_a_grant_one_turns_it_and_all_see_its_result(racing_store: Store) -> None:
    racing_store.add_grant(GRANT)

    seen = race(
        MANY,
        lambda n: racing_store.rotate(
            GRANT.grant_id, 1, attempt=f"r{n}", now=NOW + n, idle_expires_at=NOW + 99, token_lifetime=9
        ),
    )

    (grant,) = racing_store.read(GrantKey(GRANT.grant_id))
    assert grant is not None
    assert grant.generation == 2
    assert seen == [grant] * MANY


def test_s108_of_many_who_take_a_request_one_gets_it(racing_store: Store) -> None:
    racing_store.save_request(REQUEST)

    def take(_: int) -> str:
        try:
            racing_store.take_request(REQUEST)
        except Conflict as conflict:
            return conflict.field
        return "taken"

    assert sorted(race(MANY, take)) == ["request"] * 15 + ["taken"]


def test_of_many_apps_as_many_are_made_as_the_limit_allows(racing_store: Store) -> None:
    owner_of(racing_store, APP)

    def create(number: int) -> str:
        try:
            register_app(racing_store, replace(APP, client_id=f"a{number}", name=f"Web {number}"), limit=5)
        except Conflict as conflict:
            return conflict.field
        return "made"

    assert sorted(race(MANY, create)) == ["made"] * 5 + ["owner"] * 11


def test_of_many_who_take_a_name_one_gets_it(racing_store: Store) -> None:
    def create(number: int) -> str:
        user = replace(USER, user_id=f"u{number}")
        try:
            racing_store.create_user(user, replace(LOGIN, user_id=user.user_id))
        except Conflict as conflict:
            return conflict.field
        return "made"

    assert sorted(race(MANY, create)) == ["made"] + ["user_name"] * 15


def test_s34_of_many_failures_all_count(racing_store: Store) -> None:
    race(MANY, lambda _: racing_store.count_failure("name-hash", now=NOW, forget_at=NOW + 99))

    (attempts,) = racing_store.read(AttemptsKey("name-hash"))
    assert attempts is not None
    assert attempts.failures == MANY


def test_s73_whoever_voids_an_account_and_lists_its_grants_has_seen_every_one(racing_store: Store) -> None:
    racing_store.create_user(USER, LOGIN)
    listed: list[str] = []

    def step(number: int) -> str:
        if number == 0:
            racing_store.void_user_grants("alice-id", grants_valid_from=NOW, revocation=VOIDED)
            listed.extend(grant.grant_id for grant in racing_store.grants_of("alice-id"))
            return ""
        grant = replace(GRANT, grant_id=f"alice-id.g{number}")
        try:
            racing_store.approve(grant, user=USER, code=replace(CODE, code_hash=f"h{number}"), approval=None)
        except Conflict:
            return ""
        return grant.grant_id

    written = {grant_id for grant_id in race(MANY, step) if grant_id}

    assert written == set(listed)


def test_a_grant_that_many_revoke_is_published_once(racing_store: Store) -> None:
    racing_store.add_grant(GRANT)

    race(MANY, lambda n: racing_store.revoke_grant(GRANT.grant_id, now=NOW + n, feed_until=NOW + 99))

    assert len(racing_store.feed(0)) == 1


def test_of_many_who_use_a_link_one_does(racing_store: Store) -> None:
    racing_store.create_user(USER, LOGIN)
    racing_store.save_link(LINK)

    def use(number: int) -> str:
        try:
            racing_store.change_password(USER, f"hash {number}", sessions_valid_from=NOW, link=LINK)
        except Conflict:
            return ""
        return f"hash {number}"

    (won,) = [each for each in race(MANY, use) if each]

    assert racing_store.read(LoginKey("alice")) == (replace(LOGIN, password_hash=won),)


def test_of_many_who_allow_a_request_one_gets_a_grant(racing_store: Store) -> None:
    racing_store.create_user(USER, LOGIN)
    racing_store.save_request(REQUEST)

    def allow(number: int) -> bool:
        grant = replace(GRANT, grant_id=f"alice-id.g{number}")
        try:
            racing_store.approve(grant, user=USER, code=None, approval=None, request=REQUEST)
        except Conflict:
            return False
        return True

    assert race(MANY, allow).count(True) == 1
    assert len(racing_store.grants_of("alice-id")) == 1


def test_of_many_who_confirm_an_address_one_gets_it(racing_store: Store) -> None:
    users = [replace(USER, user_id=f"u{n}", user_name=f"user{n}") for n in range(MANY)]
    for user in users:
        racing_store.create_user(user, replace(LOGIN, user_id=user.user_id))

    def confirm(number: int) -> str:
        try:
            racing_store.change_email(users[number], "one@example.test", confirmed=True)
        except Conflict as conflict:
            return conflict.field
        return "confirmed"

    seen = race(MANY, confirm)

    winner = seen.index("confirmed")
    assert sorted(seen) == ["confirmed"] + ["email"] * 15
    owner = EmailOwner(user_id=f"u{winner}", user_name=f"user{winner}")
    assert racing_store.read(EmailKey("one@example.test")) == (owner,)


def test_of_many_who_change_an_app_one_does_and_the_others_see_it_changed(racing_store: Store) -> None:
    register_app(racing_store, APP, limit=1)

    def change(number: int) -> str:
        secret = AppSecret(secret_id=f"n{number}", secret_hash="h", created_at=NOW)
        changed = replace(APP, name=f"Web {number}", secrets=(*APP.secrets, secret), version=2)
        try:
            racing_store.update_app(changed, before=APP)
        except Conflict as conflict:
            return conflict.field
        return "changed"

    seen = race(MANY, change)

    assert sorted(seen) == ["changed"] + ["version"] * 15
    (app,) = racing_store.read(AppKey(APP.client_id))
    assert app is not None
    assert (app.name, app.version, len(app.secrets)) == (f"Web {seen.index('changed')}", 2, 2)
    for number in range(MANY):  # names of those who lost are free
        other = replace(APP, client_id=f"a{number}", name=f"Web {number}")
        if app.name != other.name:
            register_app(racing_store, other, limit=99)


def test_s119_an_app_that_is_made_while_its_owner_is_stopped_is_refused_or_told(racing_store: Store) -> None:
    owner = owner_of(racing_store, APP)

    def act(number: int) -> str:
        if number == MANY // 2:
            racing_store.set_user_status(owner.user_id, "deactivated")
            tell_apps(racing_store, owner.user_id, now=NOW)
            return "stopped"
        app = replace(APP, client_id=f"a{number}", name=f"Web {number}")
        try:
            racing_store.create_app(app, owner=owner, limit=MANY)
        except Conflict as conflict:
            return conflict.field
        return "made"

    seen = race(MANY, act)

    assert set(seen) <= {"made", "user", "stopped"}
    made = racing_store.read_each([AppKey(f"a{number}") for number, each in enumerate(seen) if each == "made"])
    assert all(app is not None and app.owner_stopped for app in made)
    assert racing_store.app_count(owner.user_id) == len(made)


def test_of_many_apps_that_want_a_name_one_gets_it(racing_store: Store) -> None:
    apps = [replace(APP, client_id=f"a{n}", name=f"Web {n}") for n in range(MANY)]
    for app in apps:
        register_app(racing_store, app, limit=MANY)

    def rename(number: int) -> str:
        try:
            racing_store.update_app(replace(apps[number], name="One", version=2), before=apps[number])
        except Conflict as conflict:
            return conflict.field
        return "renamed"

    assert sorted(race(MANY, rename)) == ["name"] * 15 + ["renamed"]
