"""Remembered approvals are void after a change of the app's displayed details or a deactivation (S121)."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.accounts.approvals import counting_approval
from gatepost.clients.owner_changes import update_app
from gatepost.endpoints.authorization import checked_request
from gatepost.endpoints.decision import approve
from gatepost.endpoints.pending_request import pending_request
from gatepost.model.records import App
from gatepost.stores.record_keys import ApprovalKey
from tests.unit.meanwhile import delay
from tests.unit.world import (
    ALICE,
    APPROVAL,
    CALLBACK,
    HERE,
    NOW,
    OWNER,
    READ,
    SETTINGS,
    WEB,
    World,
    details_of,
    web_app,
)


def update(world: World, changes: dict[str, Any], now: float = NOW) -> App:
    """An edit of the app by its owner."""
    return update_app(world.store, world.settings, world.app(), details_of(web_app(), **changes), owner=OWNER, now=now)


@pytest.mark.parametrize(
    "changes", [{"name": "Store"}, {"url": "https://other.example.test"}, {"redirect_uris": (f"{CALLBACK}/other",)}]
)
def test_s121_what_people_are_shown_ends_their_approvals_when_it_changes(world: World, changes: dict[str, Any]) -> None:
    changed = update(world, changes, now=NOW + 0.5)

    assert changed.approvals_valid_from == NOW
    assert world.app() == changed
    back = update(world, {}, now=NOW - 5)
    assert back.approvals_valid_from == NOW  # a clock that was set back brings nothing back


def test_s121_what_they_are_not_shown_does_not(world: World) -> None:
    changed = update(world, {"grant_types": ("authorization_code",), "scope": READ})

    assert changed.approvals_valid_from == 0


def test_s121_a_change_that_takes_until_the_next_second_ends_them_until_then(world: World) -> None:
    delay(world.store, "update_app")

    update(world, {"name": "Store"}, now=NOW + 0.7)

    assert (world.app().name, world.app().approvals_valid_from) == ("Store", NOW + 1)


def test_s121_an_approval_dates_from_when_the_page_was_shown(world: World) -> None:
    request = checked_request(web_app(), ALICE, HERE, {"response_type": "code"}, SETTINGS)
    _, pending = pending_request(web_app(), ALICE, request, session_hash="h", settings=SETTINGS, now=NOW - 300.5)
    world.store.save_request(pending)

    approve(world.server, world.web, ALICE, request, None, NOW, pending=pending)

    (remembered,) = world.store.read(ApprovalKey("alice-id", WEB))
    assert remembered == APPROVAL._replace(approved_at=NOW - 301)


@pytest.mark.parametrize(
    ("app", "user", "counts"),
    [
        ({}, {}, True),
        *(({"approvals_valid_from": NOW - 1}, {}, True), ({"approvals_valid_from": NOW}, {}, False)),
        *(({"grants_valid_from": NOW - 1}, {}, True), ({"grants_valid_from": NOW}, {}, False)),
        *(({}, {"grants_valid_from": NOW - 1}, True), ({}, {"grants_valid_from": NOW}, False)),
    ],
)
def test_s121_a_younger_approval_than_its_end_counts(app: dict[str, Any], user: dict[str, Any], counts: bool) -> None:

    found = counting_approval(APPROVAL, web_app(**app), ALICE._replace(**user))

    assert found == (APPROVAL if counts else None)
    assert counting_approval(None, web_app(), ALICE) is None
