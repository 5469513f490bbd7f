"""Fixtures of the checklist, in addition to the deployment."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from gatepost.routes import REVOCATION_LIST, REVOCATION_SEGMENT
from infra.local.aws.calls import AwsCall
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
def calls() -> list[AwsCall]:
    """What the functions of `full` asked AWS for."""
    return []


@pytest.fixture(scope="session")
def full(calls: list[AwsCall]) -> Iterator[Deployment]:
    """A deployment with what the other lacks.

    Scopes of every policy of which one is open, mail, responses that scripts of one other origin may read, and the
    published list with the limits that its routes have.
    """
    settings = {
        "scopes": SCOPES,
        "scope_implies": IMPLIES,
        "default_scopes": ["read"],
        "mail_sender": "gatepost@example.com",
        "cors_origins": [NAMED_ORIGIN],
        "published_revocations": True,
        "throttles": {route.key: route.rate for route in (REVOCATION_LIST, REVOCATION_SEGMENT)},
    }
    with Deployment(overrides={**TEST_SETTINGS, **settings}, on_call=calls.append) as deployed:
        yield deployed


@pytest.fixture(scope="session")
def admin(full: Deployment) -> Browser:
    """An administrator of that one."""
    return entered(full, new_administrator(full))


@pytest.fixture
def stranger(full: Deployment) -> Person:
    """A registered user of that one."""
    return new_person(full)


@pytest.fixture
def owner(full: Deployment) -> Person:
    """A user of that one with a confirmed address."""
    person = new_person(full)
    full.store.change_email(person.user, address_of(person), confirmed=True)
    return person


@pytest.fixture
def thief(full: Deployment, owner: Person) -> Browser:
    """A browser that holds a session of the owner."""
    return entered(full, owner)


@pytest.fixture
def token(client: Client, person: Person) -> str:
    """An access token for `read`, of the code flow."""
    return str(client.tokens(person, scope="read")["access_token"])
