"""`make admin` and `make groups` on a local deployment, and how commands find it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gatepost.audit_log.changes import changes_of
from gatepost.model.records import PENDING, User
from gatepost.stores.audit_lists import user_list
from gatepost.stores.record_keys import UserKey
from infra.configuration.context import ROOT
from infra.local import running
from infra.local.deployment import Deployment
from tests.operating import operate
from tests.people import Person


def stored(deployment: Deployment, person: Person) -> User:
    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert isinstance(user, User)
    return user


def put(port: str, name: str, groups: str) -> tuple[int, str]:
    return operate("groups", "--port", port, "--", name, groups)


def test_an_account_becomes_administrator_whatever_its_case_and_though_nobody_approved_it(
    deployment: Deployment, person: Person, port: str
) -> None:
    deployment.store.set_user_status(person.user.user_id, PENDING)

    assert operate("admin", "--port", port, "--", person.name.upper()) == (
        0,
        f"{person.name} is an administrator now: {deployment.base_url}/developer/admin\n",
    )
    assert (stored(deployment, person).role, stored(deployment, person).status) == ("administrator", "active")
    entries = deployment.store.entries(f"{datetime.now(UTC):%Y-%m-%d}", cursor=None, limit=100).items
    found = [(entry.event, entry.actor_name, entry.subject) for entry in entries]
    assert ("user_rights_changed", "operator", person.name) in found


def test_an_account_is_put_into_groups_in_place_of_its_own(deployment: Deployment, person: Person, port: str) -> None:
    assert put(port, person.name.upper(), "staff editors") == (0, f"{person.name} is in editors, staff now.\n")
    assert put(port, person.name, "staff,board") == (0, f"{person.name} is in board, staff now.\n")
    assert (stored(deployment, person).groups, stored(deployment, person).role) == (("board", "staff"), "user")

    entries = deployment.store.entries(user_list(person.user.user_id), cursor=None, limit=9).items
    found = [(each.event, each.actor_name, changes_of(each)) for each in entries if each.event == "groups_changed"]
    assert sorted(found) == [
        ("groups_changed", "operator", (("group", "", "editors"), ("group", "", "staff"))),
        ("groups_changed", "operator", (("group", "editors", ""), ("group", "", "board"))),
    ]

    assert put(port, person.name, "") == (0, f"{person.name} is in no group now.\n")
    assert stored(deployment, person).groups == ()


def test_s218_a_malformed_group_is_said_in_a_sentence(deployment: Deployment, person: Person, port: str) -> None:
    assert put(port, person.name, 'staff","role":"admin') == (
        1,
        "A group is up to 64 letters, digits and . _ : / @ -\n",
    )
    assert stored(deployment, person).groups == ()


def test_no_name_and_an_unknown_one_are_said_in_a_sentence(deployment: Deployment, port: str) -> None:
    unknown = f"There is no account nobody: register it at {deployment.base_url}/developer/register first.\n"

    assert operate("admin", "--port", port, "--", "") == (2, "Whose account? For example: make admin NAME=maria\n")
    assert operate("admin", "--port", port, "--", "nobody") == (1, unknown)
    assert put(port, "", "staff") == (2, 'Whose groups? For example: make groups NAME=maria GROUPS="staff editors"\n')
    assert put(port, "nobody", "staff") == (1, "There is no account nobody.\n")


def test_where_nothing_runs_it_says_how_to_start() -> None:
    assert operate("admin", "--port", "9", "--", "maria") == (
        1,
        "Nothing runs on port 9: start it with `make run`, or name its port with PORT=...\n",
    )


def test_a_deployment_that_was_killed_is_not_found_and_forgotten_by_the_next(deployment: Deployment) -> None:
    left = ROOT / ".build/running/1.json"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("{}")  # without the lock
    with pytest.raises(running.NothingRuns):
        running.find(1)
    with running.announced(deployment.running):
        assert not left.exists()
        assert running.find(deployment.running.port) == deployment.running
        mode = (ROOT / f".build/running/{deployment.running.port}.json").stat().st_mode
        assert mode & 0o777 == 0o600  # it holds a key
    with pytest.raises(running.NothingRuns):
        running.find(deployment.running.port)
