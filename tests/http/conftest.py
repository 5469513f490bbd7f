"""Fronts with their own functions, apps that sign in with OpenID Connect, and an administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.conftest import TEST_SETTINGS
from tests.http.deployed import CALLS, STRICT, extended_by
from tests.http.documents import Publisher, publishing
from tests.http.openid import SCOPES
from tests.http.served import Served
from tests.people import Client, Person, entered, new_administrator, new_client


@pytest.fixture(scope="session")
def strict() -> Iterator[Deployment]:
    """The deployment of `deployed.STRICT`."""
    with Deployment(overrides={**TEST_SETTINGS, **STRICT}, width=2) as deployed:
        yield deployed


@pytest.fixture(scope="session")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The deployment of `deployed.EXTENDED`."""
    overrides = {**TEST_SETTINGS, **extended_by(tmp_path_factory.mktemp("claims"))}
    with Deployment(overrides=overrides, width=2, on_call=CALLS.append) as deployed:
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
