"""Rules that an attack once showed to be missing; each would be easy to lose again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.clients.lifecycle import delete_app
from gatepost.endpoints.authorization import checked_request, proven_callback
from gatepost.endpoints.decision import needs_consent
from gatepost.endpoints.revocation import revoke
from gatepost.errors import InvalidToken
from gatepost.model.feed import Revocation
from gatepost.model.records import Approval
from gatepost.oauth.parameters import Parameters
from gatepost.tokens.revocation_list import Watch
from tests.unit.world import ALICE, NOW, READ, World, credentials_of, web_app

LATER = NOW + 5.4


def test_without_a_retry_window_an_honest_refresh_at_any_fraction_of_a_second_works(world: World) -> None:
    world.set(refresh_retry_window=0)
    token = world.redeem(world.code()).refresh_token

    turned = world.refresh(token, now=LATER)

    assert world.refresh(turned.refresh_token, now=LATER + 0.7).refresh_token


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


def test_an_app_is_deleted_together_with_its_entry_in_the_feed(world: World) -> None:
    used = world.add_app(replace(world.web, last_used_at=NOW))
    delete_app(world.store, used, now=NOW)

    revocations = world.store.feed(0)
    entry = revocations[-1]
    assert isinstance(entry, Revocation)
    assert (entry.kind, entry.subject) == ("client", world.web.client_id)
