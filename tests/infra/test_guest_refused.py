"""Faults that stop the deployment of another app on this machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.local.aws.made_stack import DeploymentFailed
from infra.local.coverage import NotCovered
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from infra.local.synthesis import SynthesisFailed
from tests.infra.rendered import Template, of_type
from tests.infra.test_guest_http import APP, ENVIRON


def permission_for(text: str) -> Callable[[Template], None]:
    """Removes the permissions whose source has the text."""

    def change(template: Template) -> None:
        found = [
            name for name, each in of_type(template, "AWS::Lambda::Permission").items() if text in json.dumps(each)
        ]
        assert found
        for name in found:
            del template["Resources"][name]

    return change


def changed(kind: str, **properties: Any) -> Callable[[Template], None]:
    def change(template: Template) -> None:
        for each in of_type(template, kind).values():
            each.update(properties)

    return change


@pytest.mark.parametrize(
    "change",
    [
        permission_for("/*/*/open/{thing}"),
        permission_for("/authorizers/"),
        permission_for("lambda:InvokeFunctionUrl"),
        permission_for("InvokedViaFunctionUrl"),
    ],
)
def test_what_may_not_invoke_its_function_is_not_deployed(
    deployment: Deployment, change: Callable[[Template], None]
) -> None:
    with (
        pytest.raises(DeploymentFailed, match=r"may not invoke .*: the template gives no permission\.$"),
        Guest(deployment, app=APP, environ=ENVIRON, context={}, alter=change),
    ):
        pass


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        (
            changed("AWS::Lambda::Function", Runtime="nodejs22.x"),
            NotCovered,
            r"^The local deployment does not know Runtime nodejs22\.x of AWS::Lambda::Function \(resource \w+\)\.$",
        ),
        (
            changed("AWS::Lambda::Url", AuthType="AWS_IAM"),
            NotCovered,
            r"^The local deployment does not know AuthType AWS_IAM of AWS::Lambda::Url \(resource Answer\w+\)\.$",
        ),
        (
            lambda template: template["Parameters"].update(Mine={"Type": "String"}),
            NotCovered,
            r"^The local deployment does not know the section Parameters of a template\.$",
        ),
        (
            changed("AWS::ApiGatewayV2::Route", AuthorizationType="AWS_IAM"),
            DeploymentFailed,
            r"^The front does not know the authorization type AWS_IAM \(route GET /\w+.*\)\.$",
        ),
        (
            changed("AWS::ApiGatewayV2::Integration", PayloadFormatVersion="1.0"),
            DeploymentFailed,
            r"^The front knows Lambda integrations of payload 2\.0 only before an HTTP API\.$",
        ),
        (
            changed("AWS::ApiGatewayV2::Stage", StageName="live"),
            DeploymentFailed,
            r"^The front serves HTTP APIs with the one stage \$default only\.$",
        ),
        (
            changed("AWS::ApiGatewayV2::Integration", IntegrationUri="arn:aws:lambda:us-east-1:1:function:x"),
            DeploymentFailed,
            r"^The local deployment runs functions of the same stack only; arn:\S+ is none\.$",
        ),
    ],
)
def test_what_the_front_does_not_do_stops_the_deployment(
    deployment: Deployment, change: Callable[[Template], None], error: type[Exception], sentence: str
) -> None:
    with (
        pytest.raises(error, match=sentence),
        Guest(deployment, app=APP, environ=ENVIRON, context={}, alter=change),
    ):
        pass


@pytest.mark.parametrize(
    ("stacks", "sentence"),
    [
        ('Stack(app, "A"); Stack(app, "B")', "The local deployment deploys apps of one stack; this one has 2."),
        (
            'Stack(app, "A", env=Environment(region="eu-west-1"))',
            "The stack is for aws://unknown-account/eu-west-1; needed is one for any account and region.",
        ),
    ],
)
def test_an_app_of_another_shape_stops_the_deployment(
    deployment: Deployment, tmp_path: Path, stacks: str, sentence: str
) -> None:
    app = tmp_path / "app.py"
    app.write_text(f"from aws_cdk import App, Environment, Stack\napp = App()\n{stacks}\napp.synth()\n")
    with pytest.raises(SynthesisFailed) as caught, Guest(deployment, app=app, context={}):
        pass
    assert str(caught.value) == sentence


def test_an_app_that_fails_stops_the_deployment_with_its_last_line(deployment: Deployment) -> None:
    with (
        pytest.raises(SynthesisFailed, match=r"^KeyError: 'ISSUER' \(`python .*app\.py` shows all of it\)$"),
        Guest(deployment, app=APP, context={}),
    ):
        pass
