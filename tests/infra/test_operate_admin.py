"""`make admin`: the first administrator of a local deployment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from gatepost.model.records import PENDING, User
from gatepost.stores.record_keys import UserKey
from infra.configuration.context import ROOT
from infra.local import running
from infra.local.deployment import Deployment
from tests.operating import operate
from tests.people import Person


def make_admin(port: int, name: str) -> tuple[int, str]:
    return operate("admin", "--port", str(port), "--", name)


def stored(deployment: Deployment, person: Person) -> User:
    user: User | None = deployment.store.read(UserKey(person.user.user_id))[0]
    assert user is not None
    return user


@pytest.fixture
def port(deployment: Deployment) -> Iterator[int]:
    """The port of the deployment, which can be found there."""
    with running.announced(deployment.running):
        yield deployment.running.port


def test_an_account_becomes_administrator_whatever_the_case_of_its_name(
    deployment: Deployment, person: Person, port: int
) -> None:
    assert make_admin(port, person.name.upper()) == (
        0,
        f"{person.name} is an administrator now: {deployment.base_url}/developer/admin\n",
    )
    assert stored(deployment, person).role == "administrator"


def test_it_is_kept_in_the_audit_list(deployment: Deployment, person: Person, port: int) -> None:
    make_admin(port, person.name)

    today = f"{datetime.now(UTC):%Y-%m-%d}"
    entries = deployment.store.entries(today, cursor=None, limit=100).items
    found = [(entry.event, entry.actor_name, entry.subject) for entry in entries]
    assert ("user_rights_changed", "operator", person.name) in found


def test_an_administrator_may_sign_in_though_nobody_approved_the_account(
    deployment: Deployment, person: Person, port: int
) -> None:
    deployment.store.set_user_status(person.user.user_id, PENDING)

    make_admin(port, person.name)

    assert stored(deployment, person).status == "active"


def test_an_unknown_name_is_said_in_a_sentence(deployment: Deployment, port: int) -> None:
    assert make_admin(port, "nobody") == (
        1,
        f"There is no account nobody: register it at {deployment.base_url}/developer/register first.\n",
    )


def test_no_name_is_said_in_a_sentence(port: int) -> None:
    assert make_admin(port, "") == (2, "Whose account? For example: make admin NAME=maria\n")


def test_where_nothing_runs_it_says_how_to_start() -> None:
    assert make_admin(9, "maria") == (
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
    with pytest.raises(running.NothingRuns):
        running.find(deployment.running.port)


def test_the_file_of_a_running_deployment_is_for_its_owner_only(port: int) -> None:
    assert (ROOT / f".build/running/{port}.json").stat().st_mode & 0o777 == 0o600
