"""Changes of an account by an administrator, each with its event in the audit log."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.accounts.accounts import InvalidAccount
from gatepost.accounts.admin_changes import change_user
from gatepost.model.records import ADMINISTRATOR, USER, User
from tests.unit.signing_in import account
from tests.unit.world import ALICE, NOW, READ, World

BOSS = ALICE._replace(user_id="boss-id", user_name="boss", role=ADMINISTRATOR)
PENDING, LEAVING = {"status": "pending"}, {"status": "leaving"}
OFF, ADDRESS = {"status": "deactivated"}, {"email": "alice@example.test"}
BY_ROLE: dict[str, Any] = {"role": ADMINISTRATOR}


def changed(world: World, before: dict[str, Any], action: str, role: str = "") -> tuple[str, User | None]:
    user = world.add_user(ALICE._replace(user_id="carol-id", user_name="carol", **before))
    world.add_user(BOSS)
    new: dict[str, Any] = {"role": role, "scope": READ, "groups": ("staff",)}
    return change_user(world.store, user, action, by=BOSS, **new, now=NOW), account(world, user)


@pytest.mark.parametrize(
    ("before", "action", "role", "event", "after"),
    [
        ({}, "deactivate", "", "user_deactivated", OFF),
        (OFF, "reactivate", "", "user_reactivated", {"status": "active"}),
        (PENDING, "approve", "", "user_approved", {"status": "active"}),
        (ADDRESS, "remove_email", "", "email_removed", {"email": ""}),
        ({}, "role", ADMINISTRATOR, "user_rights_changed", BY_ROLE),
        (BY_ROLE, "role", USER, "user_rights_changed", {"role": USER}),
        ({}, "scope", "", "user_rights_changed", {"scope": READ, "role": USER}),
        (BY_ROLE, "scope", USER, "user_rights_changed", BY_ROLE),
        (LEAVING, "groups", "", "groups_changed", {"groups": ("staff",)}),
        *[
            ({}, action, role, "", {"status": "active", "role": USER})
            for action, role in [("role", "king"), ("", USER)]
        ],
        ({}, "", ADMINISTRATOR, "", {"role": USER}),
    ],
)
def test_an_action_changes_what_it_is_called_after(
    world: World, before: dict[str, Any], action: str, role: str, event: str, after: dict[str, Any]
) -> None:
    told, user = changed(world, before, action, role)

    assert told == event
    assert {name: getattr(user, name) for name in after} == after


@pytest.mark.parametrize("action", ["deactivate", "reactivate", "approve"])
def test_the_status_of_an_account_that_is_being_deleted_stays(world: World, action: str) -> None:
    with pytest.raises(InvalidAccount):
        changed(world, LEAVING, action)
