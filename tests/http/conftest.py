"""Fronts with their own functions, apps that sign in with OpenID Connect, and an administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.conftest import TEST_SETTINGS
from tests.http.documents import Publisher, publishing
from tests.http.openid import SCOPES
from tests.http.served import Served
from tests.people import Client, Person, entered, new_administrator, new_client


@pytest.fixture(scope="session")
def narrow() -> Iterator[Deployment]:
    """A deployment of few guesses and registrations of a network, without OpenID Connect and metrics."""
    limits = {"network_attempts_free": 4, "network_attempts_max_wait": 3600, "registrations_per_network": 5}
    with Deployment(overrides={**TEST_SETTINGS, **limits, "openid": False, "alarms": False}, width=1) as deployed:
        yield deployed


@pytest.fixture(scope="session")
def by_token() -> Iterator[Deployment]:
    """A deployment where apps register themselves with initial access tokens."""
    with Deployment(overrides={**TEST_SETTINGS, "dynamic_registration": "token"}, width=1) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = Served(tmp_path_factory.mktemp("functions"))
    yield running
    running.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def start(**options: Any) -> Served:
        running.append(Served(tmp_path / str(len(running)), **options))
        return running[-1]

    yield start
    for each in running:
        each.close()


@pytest.fixture
def openid_app(deployment: Deployment, person: Person) -> Client:
    """An app with the scopes of OpenID Connect."""
    return new_client(deployment, person, scope=SCOPES)


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    with publishing() as running:
        yield running


@pytest.fixture
def boss(deployment: Deployment) -> Person:
    """An administrator."""
    return new_administrator(deployment)


@pytest.fixture
def admin(deployment: Deployment, boss: Person) -> Browser:
    """The administrator's browser, signed in."""
    return entered(deployment, boss)
