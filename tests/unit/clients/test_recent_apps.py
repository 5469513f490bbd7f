"""Apps that are not read again for a few seconds: how long, for whom, and their tokens (S58, S113)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.clients.lifecycle import activate_app, deactivate_app, delete_app
from gatepost.clients.owner_changes import end_secret
from gatepost.clients.use import DAY
from gatepost.errors import InvalidClient, InvalidGrant
from gatepost.model.feed import everything_of
from tests.unit.clients.warm_container import SECONDS, Container, secrets_changed
from tests.unit.world import NATIVE, NOW, OTHER, SECRET, VERIFIER, WEB, World


@pytest.mark.parametrize(("later", "reads"), [(0, 0), (9.999, 0), (10, 1), (10.001, 1), (-0.001, 1), (DAY, 1)])
def test_s58_an_app_is_read_once_in_its_seconds(container: Container, later: float, reads: int) -> None:
    assert container.reads(lambda: container.ask(NOW)) == 1

    assert container.reads(lambda: container.ask(NOW + later)) == reads


def test_s58_a_use_does_not_prolong_the_seconds(container: Container) -> None:
    container.ask(NOW)
    for later in range(1, SECONDS):
        container.ask(NOW + later)

    assert container.reads(lambda: container.ask(NOW + SECONDS)) == 1


def test_s58_an_ended_secret_counts_for_the_seconds_and_no_longer(container: Container, world: World) -> None:
    secrets_changed(world, "old", "new")
    container.ask(NOW, secret="old")
    container.ask(NOW + 1, secret="old")  # whose use is noted, from a read
    end_secret(world.store, world.app(), "old")

    container.ask(NOW + SECONDS, secret="old")
    with pytest.raises(InvalidClient):
        container.ask(NOW + 1 + SECONDS, secret="old")
    container.ask(NOW + 1 + SECONDS, secret="new")


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

    container.ask(NOW + 2)
    with pytest.raises(InvalidClient):
        container.ask(NOW + 3, secret=secret)
    assert container.reads(lambda: container.ask(NOW + 4)) == 1


def test_s58_nor_after_a_request_that_fails_behind_the_authentication(container: Container) -> None:
    with pytest.raises(InvalidGrant):
        container.redeem("invented", NOW)
    assert container.recent._kept == {}

    container.ask(NOW)
    assert container.reads(lambda: container.redeem("invented", NOW + 1)) == 1  # of the code alone
    assert container.reads(lambda: container.ask(NOW + 2)) == 1


def test_s113_each_app_is_served_as_itself(container: Container) -> None:
    for _ in range(2):
        for client_id in (WEB, OTHER):
            answer = container.ask(NOW, client_id)
            assert answer.requester is not None
            assert answer.requester.app.client_id == container.world.claims(answer.access_token).client_id == client_id

    for unknown in ("99999999-0000-4000-8000-000000000000", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(InvalidClient):
            container.ask(NOW, unknown)


def test_s113_no_more_than_the_most_are_kept_and_the_oldest_goes_first(container: Container, world: World) -> None:
    for number in (*range(1_001), 1, "new"):
        container.recent._keep(world.app()._replace(client_id=str(number)), NOW)

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
        return [world.app().last_used_at, *(each.last_used_at for each in world.app().secrets)]

    for later, secret in ((0, SECRET), (1, SECRET), (2, SECRET), (3, "second"), (4, "second")):
        container.ask(NOW + later, secret=secret)
    assert last_uses() == [NOW + 3, NOW, NOW + 3]

    following = 1_799_997_058 + DAY  # of the app, see test_apps.py
    for later in (-2, -1, 1, 2):
        container.ask(following + later)
    assert last_uses() == [following + 1, following + 1, NOW + 3]


def test_an_app_of_an_older_release_is_read_until_it_is_completed(world: World) -> None:
    container = Container(world)
    used = tuple(each._replace(last_used_at=NOW - 1) for each in world.web.secrets)
    app = world.add_app(world.web._replace(own_scope=None, owner_scope=None, last_used_at=NOW - 1, secrets=used))
    container.recent._keep(app, NOW)

    assert container.reads(lambda: container.ask(NOW)) > 1
    assert container.recent._kept == {}


def test_a_public_app_is_kept_too(world: World) -> None:
    container = Container(world)
    world.add_app(world.native._replace(last_used_at=NOW))
    code = world.code(world.native, redirect_uri="http://127.0.0.1/cb")
    sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://127.0.0.1/cb"}
    token = container.ask(NOW, NATIVE, None, **sent, code_verifier=VERIFIER).refresh_token

    assert NATIVE in container.recent._kept
    container.ask(NOW + 1, NATIVE, None, grant_type="refresh_token", refresh_token=token)
    with pytest.raises(InvalidClient):
        container.ask(NOW + 2, NATIVE, "invented", grant_type="refresh_token", refresh_token=token)


# Tokens


@pytest.mark.parametrize(("stop", "reason"), [(delete_app, {}), (deactivate_app, {"reason": ""})])
def test_s58_its_last_tokens_are_denied(container: Container, world: World, stop: Any, reason: dict[str, str]) -> None:
    first = container.redeem(world.code(), NOW)
    stop(world.store, world.app(), **reason, now=NOW + 3)

    own = container.ask(NOW + 5)
    refreshed = container.ask(NOW + 6, grant_type="refresh_token", refresh_token=first.refresh_token)

    for answer in (first, own, refreshed):
        assert not world.opens(answer.access_token, NOW + 7)
        assert not container.introspect(answer.access_token, NOW + 7, OTHER)
    with pytest.raises(InvalidClient):
        container.ask(NOW + SECONDS)


def test_s58_tokens_of_a_stopped_app_stay_void_when_it_works_again(container: Container, world: World) -> None:
    container.ask(NOW)
    deactivate_app(world.store, world.web, reason="", now=NOW + 3)
    late = container.ask(NOW + 5)
    activate_app(world.store, world.app(), now=NOW + 6)

    assert not world.opens(late.access_token, NOW + 7)
    assert world.opens(container.ask(NOW + SECONDS).access_token, NOW + SECONDS)


def test_a_token_of_a_kept_app_is_as_old_as_its_read_or_its_grant(container: Container, world: World) -> None:
    container.ask(NOW + 0.9)
    world.store.publish(everything_of("user", "alice-id", NOW + 2))  # everything of the user until now, as at sign-out
    own, answer = container.ask(NOW + 7.5), container.redeem(world.code(now=NOW + 3), NOW + 4)

    claims = world.claims(own.access_token, NOW + 8)
    assert (claims.iat, claims.exp, own.expires_in) == (NOW, NOW + 7 + 3600, 3600)
    claims = world.claims(answer.access_token, NOW + 4)
    assert (claims.iat, claims.exp) == (NOW + 3, NOW + 4 + 3600)
    assert world.opens(answer.access_token, NOW + 5)  # so that a new sign-in counts


def test_the_app_of_an_introspected_token_is_read_even_if_it_asks(container: Container, world: World) -> None:
    token = container.ask(NOW).access_token
    assert container.introspect(token, NOW + 1, OTHER)
    assert container.introspect(token, NOW + 1)
    world.store.set_app_status(WEB, "deactivated", reason="", grants_valid_from=0)

    assert not container.introspect(token, NOW + 2, OTHER)
    assert not container.introspect(token, NOW + 2)
    with pytest.raises(InvalidClient):
        container.introspect(token, NOW + SECONDS)
