"""Fixtures of the checklist, in addition to the deployment."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.conftest import TEST_SETTINGS
from tests.people import Client, Person, entered, new_administrator, new_person
from tests.security.checklist.granting import IMPLIES, SCOPES
from tests.security.checklist.mailed import address_of

NAMED_ORIGIN = "https://app.example.test"


@pytest.fixture
def listener() -> Iterator[str]:
    """The address of a local port; the test fails if it is connected to."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        with pytest.raises(BlockingIOError):
            listening.accept()


@pytest.fixture(scope="session")
def strict() -> Iterator[Deployment]:
    """A deployment as README deploys it: open registration, and scopes of every policy of which one is open."""
    settings = {**TEST_SETTINGS, "scopes": SCOPES, "scope_implies": IMPLIES, "default_scopes": ["read"]}
    with Deployment(overrides=settings) as deployed:
        yield deployed


@pytest.fixture(scope="session")
def mailing() -> Iterator[Deployment]:
    """A deployment that sends mail, and whose responses scripts of one other origin may read."""
    settings = {"mail_sender": "gatepost@example.com", "cors_origins": [NAMED_ORIGIN]}
    with Deployment(overrides={**TEST_SETTINGS, **settings}) as deployed:
        yield deployed


@pytest.fixture(scope="session")
def admin(strict: Deployment) -> Browser:
    """An administrator of that one."""
    return entered(strict, new_administrator(strict))


@pytest.fixture
def stranger(strict: Deployment) -> Person:
    """A registered user of that one."""
    return new_person(strict)


@pytest.fixture
def token(client: Client, person: Person) -> str:
    """An access token for `read`, of the code flow."""
    return str(client.tokens(person, scope="read")["access_token"])


@pytest.fixture
def owner(mailing: Deployment) -> Person:
    """A user with a confirmed address."""
    person = new_person(mailing)
    mailing.store.change_email(person.user, address_of(person), confirmed=True)
    return person


@pytest.fixture
def thief(mailing: Deployment, owner: Person) -> Browser:
    """A browser that holds a session of the owner."""
    return entered(mailing, owner)
