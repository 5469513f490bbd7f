"""The reasons in the log for registrations that fail, whose responses say less, and what a public app lacks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatepost.clients.dynamic_registration import register_app, registered_app, valid_permit
from gatepost.clients.registration_permits import new_permit
from gatepost.errors import Conflict, InvalidToken, TemporarilyUnavailable
from gatepost.identifiers import digest
from gatepost.model.records import App
from tests.fakes import MemoryStore
from tests.unit.world import CALLBACK, NOW, World

SENT = {"redirect_uris": [CALLBACK], "client_name": "Weather", "token_endpoint_auth_method": "none"}


def registered(world: World, store: MemoryStore | None = None) -> App:
    return register_app(store or world.store, world.settings, SENT, source_ip="192.0.2.7", now=NOW)[0]


def test_a_public_app_has_no_secret(world: World) -> None:
    assert registered(world).secrets == ()


class Full(MemoryStore):
    """A store that has an app of every id."""

    def register_app(self, app: App, *, permit_hash: str = "", now: int) -> None:
        raise Conflict("client_id")


def test_an_id_that_is_taken_is_no_fault_of_the_app(world: World) -> None:
    with pytest.raises(TemporarilyUnavailable) as caught:
        registered(world, Full())

    assert caught.value.reason == "the client_id is taken"


def test_the_log_tells_an_unknown_initial_access_token_from_an_expired_one(world: World) -> None:
    token = new_permit(world.store, apps=1, days=1, now=NOW)
    reasons = []
    for sent, now in ((f"{token}x", NOW), (token, NOW + 86400)):
        with pytest.raises(InvalidToken) as caught:
            valid_permit(world.store, sent, now=now)
        reasons.append(caught.value.reason)

    assert reasons == ["unknown initial access token", "initial access token used up or expired"]


def test_s226_a_registration_token_counts_only_for_an_app_whose_id_says_that_it_registered_itself(world: World) -> None:
    app = registered(world)
    web = world.add_app(replace(world.web, registration_token_hash=digest("t")))
    reasons = []
    for each in (app, web):
        with pytest.raises(InvalidToken) as caught:
            registered_app(world.store, each.client_id, "t", now=NOW)
        reasons.append(caught.value.reason)

    assert reasons == ["wrong registration access token", "no such app"]
