"""POST /authorization/token with a code. Checklist C (S39 … S47)."""

from gatepost.identifiers import digest, new_secret
from infra.local.deployment import Deployment
from tests.answers import PKCE, VERIFIER, redeem
from tests.people import Client, Person, new_client, opens


def test_a_code_brings_an_access_token_and_a_refresh_token(
    deployment: Deployment, client: Client, person: Person
) -> None:
    answer = redeem(client, client.code(person, scope="read write", **PKCE), code_verifier=VERIFIER)

    members = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert sorted(members) == ["access_token", "expires_in", "refresh_token", "scope", "token_type"]
    assert (members["token_type"], members["expires_in"], members["scope"]) == ("Bearer", 3600, "read write")
    assert opens(deployment, members["access_token"], "/demo/write")


def test_an_app_without_refresh_tokens_gets_none(deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, grant_types=["authorization_code"])
    verifier = new_secret()
    code = client.code(person, code_challenge=digest(verifier), code_challenge_method="S256")

    assert "refresh_token" not in redeem(client, code, code_verifier=verifier).json()
