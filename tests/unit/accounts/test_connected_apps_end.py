"""Grants of the same second as a revocation, or concurrent with it, connect nothing (S73)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatepost.accounts.connected_apps import connections_of, disconnect
from gatepost.model.records import Approval
from gatepost.scope import Scope
from tests.unit.world import ALICE, NOW, READ, READ_WRITE, WEB, WRITE, World


@pytest.mark.parametrize(("since", "shown"), [(NOW - 1, [WEB]), (NOW, [])])
def test_what_was_granted_until_an_app_was_stopped_connects_nothing(world: World, since: int, shown: list[str]) -> None:
    world.redeem(world.code())
    world.store.set_app_status(WEB, "active", reason="", grants_valid_from=since)

    assert [each.app.client_id for each in connections_of(world.store, ALICE, now=NOW + 1)] == shown


@pytest.mark.parametrize(("since", "scope"), [(NOW - 10, READ_WRITE), (NOW - 9, WRITE)])
def test_s121_an_approval_from_before_an_app_was_changed_connects_nothing(
    world: World, since: int, scope: Scope
) -> None:
    approval = Approval(user_id="alice-id", client_id=WEB, scope=READ, approved_at=NOW - 9)
    grant = world.grant(world.redeem(world.code(scope=WRITE)))
    world.store.approve(grant, user=ALICE, code=None, approval=approval)
    world.store.void_approvals(WEB, approvals_valid_from=since)

    (shown,) = connections_of(world.store, ALICE, now=NOW + 1)
    assert shown.scope == scope


def test_s73_what_is_granted_while_an_app_is_disconnected_ends_too(world: World) -> None:
    class Granting:
        """A store in which the app is granted something just before its approval goes."""

        def __getattr__(self, name: str) -> Any:
            return getattr(world.store, name)

        def forget_approval(self, user_id: str, client_id: str) -> None:
            world.store.approve(late, user=ALICE, code=None, approval=None)
            world.store.forget_approval(user_id, client_id)

    first = world.redeem(world.code())
    late = replace(world.grant(first), grant_id="alice-id.late", created_at=NOW + 1)

    disconnect(Granting(), ALICE, WEB, now=NOW + 1)

    assert {grant.grant_id: grant.revoked_at for grant in world.store.grants_of("alice-id")} == {
        first.grant_id: NOW + 1,
        "alice-id.late": NOW + 1,
    }
