"""The story of an app that comes with a metadata document."""

from __future__ import annotations

from gatepost import routes as r
from gatepost.identifiers import app_id
from infra.local.deployment import Deployment
from tests.flows.tour_steps import long_signed_in, posted
from tests.http.documents import Publisher, publishing
from tests.people import Client, entered, new_administrator, new_person


def apps_of_documents(deployment: Deployment) -> None:
    """Allow an app that nobody registered; its document changes; an administrator stops, starts and deletes it."""
    boss, person = new_administrator(deployment), new_person(deployment)
    with publishing() as publisher:
        app = publisher.publish(deployment)
        assert app.tokens(person)["refresh_token"]
        changed(deployment, publisher, app)
        page = entered(deployment, person).get(app.authorize_path(redirect_uri="https://client.example.test/other"))
        assert "does not lead back to the app" in page.text
    admin, at = long_signed_in(deployment, boss), {"client_id": app_id(app.app.client_id)}
    assert posted(admin, r.ADMIN_CHANGE_APP, action="deactivate", reason="A test.", **at).status_code == 303
    assert posted(admin, r.ADMIN_CHANGE_APP, action="activate", **at).status_code == 303
    assert posted(admin, r.ADMIN_CHANGE_APP, action="delete", version="2", **at).status_code == 303


def changed(deployment: Deployment, publisher: Publisher, app: Client) -> None:
    """Publish another name, and let what is known be too old."""
    publisher.write("/1/client.json", client_name="Another name")
    deployment.client("dynamodb").update_item(
        TableName=deployment.tables["apps"],
        Key={"client_id": {"S": app_id(app.app.client_id)}},
        UpdateExpression="SET fresh_until = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )
