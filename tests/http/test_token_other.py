"""POST /authorization/token: password, client_credentials, and rules of every grant. Checklist D, E, J."""

from gatepost.scope import Scope
from infra.local.deployment import Deployment
from tests.answers import assert_error
from tests.people import Person, new_client

# --- client authentication


# --- grants


def test_the_users_own_scope_bounds_every_grant(deployment: Deployment, person: Person) -> None:
    client = new_client(deployment, person, scope=Scope.of("read", "write"))
    accounts = deployment.client("dynamodb")
    accounts.update_item(
        TableName=deployment.tables["accounts"],
        Key={"pk": {"S": person.user.user_id}, "sk": {"S": "account"}},
        UpdateExpression="SET #s = :scope",
        ExpressionAttributeNames={"#s": "scope"},
        ExpressionAttributeValues={":scope": {"S": "write"}},
    )
    ask = {"grant_type": "password", "username": person.name, "password": person.password}

    assert client.token(**ask, scope="read write").json()["scope"] == "write"
    assert_error(client.token(**ask, scope="read"), 400, "invalid_scope")
    assert client.tokens(person, scope="read write")["scope"] == "write"


# --- the form of a request
