"""Apps that are not read again for a few seconds: how long, and for whom (S58, S113)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.clients.owner_changes import end_secret
from gatepost.clients.use import DAY
from gatepost.errors import InvalidClient, InvalidGrant
from gatepost.stores.record_keys import AppKey
from tests.unit.clients.warm_container import SECONDS, Container, secrets_changed
from tests.unit.world import NATIVE, NOW, OTHER, SECRET, VERIFIER, WEB, World


@pytest.mark.parametrize(("later", "reads"), [(0, 0), (9.999, 0), (10, 1), (10.001, 1), (-0.001, 1), (DAY, 1)])
def test_s58_an_app_is_read_once_in_its_seconds_and_again_when_they_are_over(
    container: Container, later: float, reads: int
) -> None:
    assert container.reads(lambda: container.ask(NOW)) == 1

    assert container.reads(lambda: container.ask(NOW + later)) == reads


def test_s58_a_use_does_not_prolong_the_seconds(container: Container) -> None:
    container.ask(NOW)
    for later in range(1, SECONDS):
        assert container.reads(lambda now=NOW + later: container.ask(now)) == 0  # type: ignore[misc]

    assert container.reads(lambda: container.ask(NOW + SECONDS)) == 1


def test_s58_an_ended_secret_counts_for_the_seconds_and_no_longer(container: Container, world: World) -> None:
    container.ask(NOW)
    secrets_changed(world, "another")

    container.ask(NOW + SECONDS - 0.001)
    with pytest.raises(InvalidClient):
        container.ask(NOW + SECONDS)


def test_s58_a_new_secret_counts_at_once_and_ends_the_kept_version(container: Container, world: World) -> None:
    container.ask(NOW)
    secrets_changed(world, "another")

    container.ask(NOW + 1, secret="another")
    with pytest.raises(InvalidClient):
        container.ask(NOW + 2)


@pytest.mark.parametrize("secret", ["wrong", "", None])
def test_s58_nothing_is_kept_after_a_failed_authentication(container: Container, secret: str | None) -> None:
    for now in (NOW, NOW + 1):
        with pytest.raises(InvalidClient):
            container.ask(now, secret=secret)

    assert container.recent._kept == {}


@pytest.mark.parametrize("secret", ["wrong", "", None])
def test_s58_a_kept_app_serves_no_other_secret_and_is_read_again_after_one(
    container: Container, secret: str | None
) -> None:
    container.ask(NOW)

    with pytest.raises(InvalidClient):
        container.ask(NOW + 1, secret=secret)
    assert container.reads(lambda: container.ask(NOW + 2)) == 1


def test_s58_what_fails_after_the_authentication_keeps_nothing_either(container: Container) -> None:
    with pytest.raises(InvalidGrant):
        container.redeem("invented", NOW)

    assert container.recent._kept == {}


def test_an_app_is_read_again_after_a_request_that_failed_with_the_kept_version(container: Container) -> None:
    container.ask(NOW)

    assert container.reads(lambda: container.redeem("invented", NOW + 1)) == 1  # of the code alone
    assert container.reads(lambda: container.ask(NOW + 2)) == 1


def test_s113_each_app_is_served_as_itself(container: Container) -> None:
    for _ in range(2):
        for client_id in (WEB, OTHER):
            answer = container.ask(NOW, client_id)
            assert answer.requester is not None
            assert answer.requester.app.client_id == container.world.claims(answer.access_token).client_id == client_id

    with pytest.raises(InvalidClient):
        container.ask(NOW, "99999999-0000-4000-8000-000000000000")
    with pytest.raises(InvalidClient):
        container.ask(NOW, "00000000-0000-0000-0000-000000000000")


def test_s113_no_more_than_the_most_are_kept_and_the_oldest_goes_first(container: Container, world: World) -> None:
    app = world.stored(AppKey(WEB))
    for number in range(1_001):
        container.recent._keep(replace(app, client_id=str(number)), NOW)
    container.recent._keep(replace(app, client_id="1"), NOW)
    container.recent._keep(replace(app, client_id="new"), NOW)

    assert len(container.recent._kept) == 1_000
    assert {"0", "2"} & set(container.recent._kept) == set()
    assert {"1", "3", "new"} <= set(container.recent._kept)


def test_the_other_records_of_a_request_are_read(container: Container, world: World) -> None:
    container.ask(NOW)
    answer = container.redeem(world.code(), NOW + 1)
    container.ask(NOW + 2, grant_type="refresh_token", refresh_token=answer.refresh_token)

    world.store.revoke_grant(answer.grant_id, now=NOW + 3, feed_until=NOW + 9999)
    with pytest.raises(InvalidGrant):
        container.ask(NOW + 3, grant_type="refresh_token", refresh_token=answer.refresh_token)


def test_the_first_use_of_a_day_and_of_a_secret_is_noted_once_from_a_read(container: Container, world: World) -> None:
    secrets_changed(world, SECRET, "second")

    def last_uses() -> list[int]:
        app = world.stored(AppKey(WEB))
        return [app.last_used_at, *(each.last_used_at for each in app.secrets)]

    container.ask(NOW)
    container.ask(NOW + 1)
    container.ask(NOW + 2)
    container.ask(NOW + 3, secret="second")
    container.ask(NOW + 4, secret="second")
    assert last_uses() == [NOW + 3, NOW, NOW + 3]

    following = 1_799_997_058 + DAY  # of the app, see test_apps.py
    container.ask(following - 2)
    container.ask(following - 1)
    container.ask(following + 1)
    container.ask(following + 2)
    assert last_uses() == [following + 1, following + 1, NOW + 3]


def test_an_app_of_an_older_release_is_read_until_it_is_completed(world: World) -> None:
    container = Container(world)
    used = tuple(replace(each, last_used_at=NOW - 1) for each in world.web.secrets)
    app = world.add_app(replace(world.web, own_scope=None, owner_scope=None, last_used_at=NOW - 1, secrets=used))
    container.recent._keep(app, NOW)

    assert container.reads(lambda: container.ask(NOW)) > 1
    assert container.recent._kept == {}


def test_a_public_app_is_kept_too(world: World) -> None:
    container = Container(world)
    world.add_app(replace(world.native, last_used_at=NOW))
    code = world.code(world.native, redirect_uri="http://127.0.0.1/cb")
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://127.0.0.1/cb"}
    token = container.ask(NOW, NATIVE, None, **sent, code_verifier=VERIFIER).refresh_token

    assert NATIVE in container.recent._kept
    container.ask(NOW + 1, NATIVE, None, grant_type="refresh_token", refresh_token=token)
    with pytest.raises(InvalidClient):
        container.ask(NOW + 2, NATIVE, "invented", grant_type="refresh_token", refresh_token=token)


def test_ending_a_secret_in_the_console_ends_it_everywhere_within_the_seconds(
    container: Container, world: World
) -> None:
    secrets_changed(world, "old", "new")
    container.ask(NOW, secret="old")
    container.ask(NOW + 1, secret="old")
    app = world.stored(AppKey(WEB))
    end_secret(world.store, app, "old")

    container.ask(NOW + SECONDS, secret="old")  # read at NOW + 1
    with pytest.raises(InvalidClient):
        container.ask(NOW + 1 + SECONDS, secret="old")
    container.ask(NOW + 1 + SECONDS, secret="new")
