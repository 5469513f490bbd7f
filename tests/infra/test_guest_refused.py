"""Faults that stop the deployment of another app on this machine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.local.aws.made_stack import DeploymentFailed
from infra.local.coverage import NotCovered
from infra.local.deployment import Deployment
from infra.local.guest import Guest
from infra.local.synthesis import SynthesisFailed, apps_run_by, synthesize_app
from tests.infra import test_guest_http, test_guest_rest
from tests.infra.rendered import Template, of_type

Change = Callable[[Template], None]
HTTP, REST = test_guest_http.APP, test_guest_rest.APP
NO_PERMISSION = r"may not invoke \S+: the template gives no permission\."


def permission_for(text: str) -> Change:
    """Removes the permissions whose source has the text."""

    def change(template: Template) -> None:
        found = [
            name for name, each in of_type(template, "AWS::Lambda::Permission").items() if text in json.dumps(each)
        ]
        assert found
        for name in found:
            del template["Resources"][name]

    return change


def changed(kind: str, **properties: Any) -> Change:
    def change(template: Template) -> None:
        for each in of_type(template, kind).values():
            each.update(properties)

    return change


def integrations(**properties: Any) -> Change:
    def change(template: Template) -> None:
        for each in of_type(template, "AWS::ApiGateway::Method").values():
            each["Integration"].update(properties)

    return change


@pytest.mark.parametrize(
    ("app", "change", "sentence"),
    [
        (HTTP, permission_for("/*/*/open/{thing}"), f"The API {NO_PERMISSION}"),
        (HTTP, permission_for("/authorizers/"), f"The API {NO_PERMISSION}"),
        (HTTP, permission_for("lambda:InvokeFunctionUrl"), f"The function URL {NO_PERMISSION}"),
        (HTTP, permission_for("InvokedViaFunctionUrl"), f"The function URL {NO_PERMISSION}"),
        (REST, permission_for("/GET/things/*"), f"The API {NO_PERMISSION}"),
        (REST, permission_for("/authorizers/"), f"The API {NO_PERMISSION}"),
        (
            HTTP,
            changed("AWS::Lambda::Url", AuthType="AWS_IAM"),
            r"The local deployment does not know AuthType AWS_IAM of AWS::Lambda::Url \(resource Answer\w+\)\.",
        ),
        (
            HTTP,
            changed("AWS::ApiGatewayV2::Route", AuthorizationType="AWS_IAM"),
            r"The front does not know the authorization type AWS_IAM \(route GET /\w+.*\)\.",
        ),
        (
            HTTP,
            changed("AWS::ApiGatewayV2::Integration", PayloadFormatVersion="1.0"),
            r"The front knows Lambda integrations of payload 2\.0 only before an HTTP API\.",
        ),
        (
            HTTP,
            changed("AWS::ApiGatewayV2::Stage", StageName="live"),
            r"The front serves HTTP APIs with the one stage \$default only\.",
        ),
        (
            HTTP,
            changed("AWS::ApiGatewayV2::Integration", IntegrationUri="arn:aws:lambda:us-east-1:1:function:x"),
            r"The local deployment runs functions of the same stack only; arn:\S+ is none\.",
        ),
        (
            REST,
            integrations(TimeoutInMillis=5),
            r"The front does not know TimeoutInMillis of an integration \w+ of a REST API\.",
        ),
        (
            REST,
            integrations(Type="HTTP_PROXY"),
            r"The front does not know \w+ of an integration HTTP_PROXY of a REST API\.",
        ),
        (
            REST,
            changed("AWS::ApiGateway::Method", AuthorizationType="AWS_IAM"),
            r"The front does not know the authorization type AWS_IAM before a REST API\.",
        ),
        (
            REST,
            changed("AWS::ApiGateway::Authorizer", Type="COGNITO_USER_POOLS"),
            r"The front does not know authorizers of type COGNITO_USER_POOLS before a REST API\.",
        ),
        (
            REST,
            changed("AWS::ApiGateway::Authorizer", IdentitySource="stageVariables.x"),
            r"The front does not know the identity source stageVariables\.x\.",
        ),
    ],
)
def test_what_the_front_does_not_do_stops_the_deployment(
    deployment: Deployment, app: Path, change: Change, sentence: str
) -> None:
    environ = test_guest_http.ENVIRON if app == HTTP else {}
    with (
        pytest.raises((DeploymentFailed, NotCovered), match=f"^{sentence}$"),
        Guest(deployment, app=app, environ=environ, context={}, alter=change),
    ):
        pass


ANYWHERE, ELSEWHERE = "aws://unknown-account/unknown-region", "aws://unknown-account/eu-west-1"


@pytest.mark.parametrize(
    ("environments", "said", "sentence"),
    [
        ([ANYWHERE] * 2, "", "The local deployment deploys apps of one stack; this one has 2."),
        ([ELSEWHERE], "", f"The stack is for {ELSEWHERE}; needed is one for any account and region."),
        ([], "", "app.py wrote no assembly: it has to call `App().synth()`."),
        ([], "Traceback\nKeyError: 'ISSUER'", "KeyError: 'ISSUER' (`python {app}` shows all of it)"),
    ],
)
def test_an_app_of_another_shape_or_one_that_fails_stops_it(
    tmp_path: Path, environments: list[str], said: str, sentence: str
) -> None:
    app = tmp_path / "app.py"
    app.write_text("")

    def run(_: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        kind = "aws:cloudformation:stack"
        stacks = {str(n): {"type": kind, "environment": where} for n, where in enumerate(environments)}
        if stacks:
            Path(environ["CDK_OUTDIR"], "manifest.json").write_text(json.dumps({"artifacts": stacks}))
        return subprocess.CompletedProcess([], int(bool(said)), "", said)

    with apps_run_by(run), pytest.raises(SynthesisFailed) as caught:
        synthesize_app(app, {}, {})
    assert str(caught.value) == sentence.format(app=app)
