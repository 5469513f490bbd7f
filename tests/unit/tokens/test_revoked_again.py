"""Repeated revocations: a warm container that knows the first one learns of the second (S73, S87)."""

from __future__ import annotations

import pytest

from gatepost.accounts.removal import end_grants
from gatepost.errors import InvalidToken
from gatepost.tokens.revocation_list import Watch
from tests.unit.signing_in import account
from tests.unit.world import ALICE, NOW, PASSWORD, World


def test_s73_what_was_granted_between_two_ends_is_refused_by_who_knew_of_the_first(world: World) -> None:
    watch = Watch(world.store, world.settings)
    end_grants(world.store, ALICE, now=NOW)
    between = world.send(world.web, grant_type="password", username="alice", password=PASSWORD, now=NOW + 10)
    assert watch.claims(between.access_token, NOW + 11).sub == "alice-id"

    standing = account(world, ALICE)
    assert standing is not None
    end_grants(world.store, standing, now=NOW + 20)

    with pytest.raises(InvalidToken):
        watch.claims(between.access_token, NOW + 30)
