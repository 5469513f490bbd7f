"""Rules that an attack once showed to be missing; each would be easy to lose again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.authentication.sign_in import check_password, name_key
from gatepost.clients.lifecycle import delete_app
from gatepost.endpoints.authorization import checked_request, proven_callback
from gatepost.endpoints.decision import needs_consent
from gatepost.endpoints.revocation import revoke
from gatepost.errors import InvalidGrant, InvalidToken, TooManyAttempts
from gatepost.model.feed import Revocation
from gatepost.model.records import Approval, Attempts
from gatepost.oauth.parameters import Parameters
from gatepost.tokens.revocation_list import Watch
from tests.fakes import MemoryStore
from tests.unit.signing_in import offered
from tests.unit.world import ALICE, NOW, PASSWORD, READ, World, credentials_of, web_app

LATER = NOW + 5.4


def test_without_a_retry_window_an_honest_refresh_at_any_fraction_of_a_second_works(world: World) -> None:
    world.set(refresh_retry_window=0)
    token = world.redeem(world.code()).refresh_token

    turned = world.refresh(token, now=LATER)

    assert world.refresh(turned.refresh_token, now=LATER + 0.7).refresh_token


def test_without_a_retry_window_a_repeated_refresh_is_reuse_even_at_once(world: World) -> None:
    world.set(refresh_retry_window=0)
    token = world.redeem(world.code()).refresh_token
    world.refresh(token, now=LATER)

    with pytest.raises(InvalidGrant):
        world.refresh(token, now=LATER)


def test_the_implicit_flow_is_asked_for_every_time(world: World) -> None:
    query = Parameters("response_type=token&redirect_uri=https://client.example.test/cb&scope=read")
    app, settings = web_app(), world.settings
    callback = proven_callback(app, query, settings)
    asked = checked_request(app, ALICE, callback, query.once(), settings)
    remembered = Approval(user_id=ALICE.user_id, client_id=app.client_id, scope=READ, approved_at=NOW)

    assert needs_consent(app, asked, remembered, {})
    assert not needs_consent(app, asked._replace(response_type="code"), remembered, {})


def test_a_replaced_refresh_token_is_not_active(world: World) -> None:
    first = world.redeem(world.code()).refresh_token
    second = world.refresh(first, now=LATER).refresh_token

    assert world.introspect(first, now=LATER) == {"active": False}
    assert world.introspect(second, now=LATER)["active"] is True


def test_a_revoked_token_stays_revoked_when_lifetimes_are_lowered_meanwhile(world: World) -> None:
    world.set(access_token_lifetime=86400)
    token = world.redeem(world.code()).access_token
    world.set(access_token_lifetime=60, implicit_token_lifetime=60)
    watch = Watch(world.store, world.settings)
    revoke(world.server, watch, {"token": token}, credentials_of(world.web), NOW + 10)

    for seconds in (20, 200, 4000, 80_000):
        with pytest.raises(InvalidToken):
            watch.claims(token, NOW + seconds)


def test_a_burst_of_guesses_after_the_free_ones_gets_one_try(world: World) -> None:
    store, settings = world.store, world.settings
    attempts_key = name_key("alice")
    waited = Attempts(failures=settings.attempts_free, last_failure_at=NOW - 100, expires_at=NOW + 1000)
    for _ in range(settings.attempts_free):
        store.count_failure(attempts_key.name_hash, now=NOW - 100, forget_at=NOW + 1000)
    guess, parallel = offered(world, "alice", "wrong"), offered(world, "alice", PASSWORD)
    assert guess.attempts == waited

    with pytest.raises(InvalidGrant):
        check_password(store, settings, guess, now=NOW)
    with pytest.raises(TooManyAttempts):  # what the parallel ones read meanwhile
        check_password(store, settings, parallel, now=NOW)


def test_an_app_is_deleted_together_with_its_entry_in_the_feed(world: World) -> None:
    used = world.add_app(replace(world.web, last_used_at=NOW))
    delete_app(world.store, used, now=NOW)

    revocations = world.store.feed(0)
    entry = revocations[-1]
    assert isinstance(entry, Revocation)
    assert (entry.kind, entry.subject) == ("client", world.web.client_id)


def test_an_unknown_key_makes_the_keys_be_read_and_not_the_whole_feed(world: World) -> None:
    asked: list[str] = []

    class Store(MemoryStore):
        def feed(self, since):  # type: ignore[no-untyped-def]
            asked.append("feed")
            return super().feed(since)

        def standing(self):  # type: ignore[no-untyped-def]
            asked.append("standing")
            return super().standing()

        def public_keys(self):  # type: ignore[no-untyped-def]
            asked.append("keys")
            return super().public_keys()

    watch = Watch(Store(), world.settings)
    token = world.redeem(world.code()).access_token
    for seconds in (0, 4, 6):
        with pytest.raises(InvalidToken):
            watch.claims(token, NOW + seconds)

    assert asked == ["standing", "keys", "feed", "feed", "keys"]
