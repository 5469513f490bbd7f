"""`make groups` on a local deployment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepost.audit_log.changes import changes_of
from gatepost.model.records import User
from gatepost.stores.audit_lists import user_list
from gatepost.stores.record_keys import UserKey
from infra.local.deployment import Deployment
from tests.operating import operate, reachable
from tests.people import Person


@pytest.fixture
def port(deployment: Deployment) -> Iterator[str]:
    with reachable(deployment) as found:
        yield found


def put(port: str, name: str, groups: str) -> tuple[int, str]:
    return operate("groups", "--port", port, "--", name, groups)


def stored(deployment: Deployment, person: Person) -> User:
    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert isinstance(user, User)
    return user


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


def test_no_name_and_an_unknown_one_are_said_in_a_sentence(port: str) -> None:
    assert put(port, "", "staff") == (2, 'Whose groups? For example: make groups NAME=maria GROUPS="staff editors"\n')
    assert put(port, "nobody", "staff") == (1, "There is no account nobody.\n")
