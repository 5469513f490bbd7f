"""POST /authorization/revoke (RFC 7009) and /authorization/introspect (RFC 7662). Checklist G (S74 … S77)."""

import time

from gatepost.clients.lifecycle import deactivate_app
from infra.local.deployment import Deployment
from tests.people import Client, Person, new_client, stops


def active(client: Client, token: str) -> bool:
    answer = client.introspect(token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found = answer.json()["active"]
    assert found in (True, False)
    if not found:
        assert answer.json() == {"active": False}
    return bool(found)


def test_tokens_of_a_deactivated_app_are_inactive_at_once(
    deployment: Deployment, client: Client, person: Person
) -> None:
    other = new_client(deployment, person)
    tokens, own = client.tokens(person), client.token(grant_type="client_credentials").json()["access_token"]
    deactivate_app(deployment.store, client.app, reason="a test", now=time.time())

    for token in (tokens["access_token"], own):
        assert not active(other, token)
        assert stops(deployment, token)
