"""Two HTTP APIs and two function URLs, with plain CDK constructs, deployed by `test_guest_http`."""

import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from aws_cdk import App, CfnOutput, Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_

HERE = Path(__file__).parent
PYTHON = lambda_.Runtime.PYTHON_3_13
INLINE = "import json\ndef handler(event, context):\n    return {'statusCode': 200, 'body': json.dumps(event)}\n"

app = App()
stack = Stack(app, "HttpGuest")


def function(name: str, handler: str, code: lambda_.Code, **options: Any) -> lambda_.Function:
    return lambda_.Function(stack, name, runtime=PYTHON, handler=handler, code=code, **options)


def asset(name: str) -> lambda_.Code:
    return lambda_.Code.from_asset(str(HERE / name))


answer = function("Answer", "answer.handler", asset("answer"), environment={"FROM": "the template"})
guard = function("Guard", "guard.handler", asset("guard"), timeout=Duration.seconds(5))
function("AnswerTwice", "index.handler", lambda_.Code.from_inline(INLINE))
inline = function("Inline", "index.handler", lambda_.Code.from_inline(INLINE))
layer = lambda_.LayerVersion(stack, "Words", code=asset("words"))
with tempfile.TemporaryDirectory() as folder:
    archive = Path(folder) / "zipped.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("zipped.py", "import words\ndef handler(event, context):\n    return words.WORD\n")
    function("Zipped", "zipped.handler", lambda_.Code.from_asset(str(archive)), layers=[layer])

first = apigateway.HttpApi(stack, "FirstApi")
bearer = authorizers.HttpLambdaAuthorizer(
    "Bearer",
    guard,
    response_types=[authorizers.HttpLambdaResponseType.SIMPLE],
    identity_source=["$request.header.Authorization", "$context.routeKey"],
    results_cache_ttl=Duration.seconds(60),
)
first.add_routes(
    path="/open/{thing}",
    methods=[apigateway.HttpMethod.GET],
    integration=integrations.HttpLambdaIntegration("Open", answer),
)
first.add_routes(
    path="/guarded",
    methods=[apigateway.HttpMethod.GET, apigateway.HttpMethod.POST],
    integration=integrations.HttpLambdaIntegration("Guarded", answer),
    authorizer=bearer,
)

second = apigateway.HttpApi(stack, "SecondApi")
checked = authorizers.HttpJwtAuthorizer("Jwt", os.environ["ISSUER"], jwt_audience=["reports", "other"])
for path, scopes in (("/any", None), ("/scoped", ["reports.read", "reports.all"])):
    second.add_routes(
        path=path,
        methods=[apigateway.HttpMethod.GET],
        integration=integrations.HttpLambdaIntegration("Answer", answer),
        authorizer=checked,
        authorization_scopes=scopes,
    )

inline.add_function_url(
    auth_type=lambda_.FunctionUrlAuthType.NONE,
    cors=lambda_.FunctionUrlCorsOptions(allowed_origins=["https://app.example.com"]),
)
answered = answer.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)
answer.add_environment("SECOND", second.api_endpoint)

CfnOutput(stack, "FirstUrl", value=first.url or "")
CfnOutput(stack, "AnswerUrl", value=answered.url)
app.synth()
