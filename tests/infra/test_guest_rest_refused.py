"""Properties of a REST API that stop the deployment of another app on this machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from infra.local.aws.made_stack import DeploymentFailed
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from tests.infra.rendered import Template, of_type
from tests.infra.test_guest_refused import changed, permission_for
from tests.infra.test_guest_rest import APP


def integrations(**properties: Any) -> Callable[[Template], None]:
    def change(template: Template) -> None:
        for each in of_type(template, "AWS::ApiGateway::Method").values():
            each["Integration"].update(properties)

    return change


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (permission_for("/GET/things/*"), r"^The API may not invoke \S+: the template gives no permission\.$"),
        (permission_for("/authorizers/"), r"^The API may not invoke \S+: the template gives no permission\.$"),
        (integrations(TimeoutInMillis=5), r"^The front does not know TimeoutInMillis of an integration \w+ of a REST"),
        (
            integrations(Type="HTTP_PROXY"),
            r"^The front does not know \w+ of an integration HTTP_PROXY of a REST",
        ),
        (
            changed("AWS::ApiGateway::Method", AuthorizationType="AWS_IAM"),
            r"^The front does not know the authorization type AWS_IAM before a REST API\.$",
        ),
        (
            changed("AWS::ApiGateway::Authorizer", Type="COGNITO_USER_POOLS"),
            r"^The front does not know authorizers of type COGNITO_USER_POOLS before a REST API\.$",
        ),
        (
            changed("AWS::ApiGateway::Authorizer", IdentitySource="stageVariables.x"),
            r"^The front does not know the identity source stageVariables\.x\.$",
        ),
    ],
)
def test_what_the_front_does_not_do_stops_the_deployment(
    deployment: Deployment, change: Callable[[Template], None], sentence: str
) -> None:
    with pytest.raises(DeploymentFailed, match=sentence), Guest(deployment, app=APP, context={}, alter=change):
        pass
