"""The authorizer in front of protected routes, and whoami behind it. Checklist H (S78 … S88)."""

import pytest

from gatepost.routes import WHOAMI
from infra.local.deployment import Deployment
from tests.people import Client, Person, get


@pytest.fixture
def token(client: Client, person: Person) -> str:
    return str(client.tokens(person, scope="read")["access_token"])


def test_s127_whoami_says_whose_token_it_is_and_nothing_of_their_role(
    deployment: Deployment, client: Client, person: Person, token: str
) -> None:
    who = get(deployment, WHOAMI.path, token).json()

    assert who == {
        "sub": person.user.user_id,
        "client_id": client.app.client_id,
        "scope": "read",
    }
