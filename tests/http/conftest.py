"""People and apps for the tests of the endpoints."""

import pytest

from infra.local.deployment import Deployment
from tests.browsing import Browser
from tests.people import Client, Person, new_client, new_person


@pytest.fixture
def browser(deployment: Deployment) -> Browser:
    return Browser(deployment.base_url)


@pytest.fixture
def person(deployment: Deployment) -> Person:
    return new_person(deployment)


@pytest.fixture
def client(deployment: Deployment, person: Person) -> Client:
    """A confidential app with every grant."""
    return new_client(deployment, person)


@pytest.fixture
def public_client(deployment: Deployment, person: Person) -> Client:
    """A public app: code and refresh."""
    return new_client(
        deployment, person, name="Public app", confidential=False, grant_types=["authorization_code", "refresh_token"]
    )
