"""A REST API with both kinds of Lambda authorizers, with plain CDK constructs, deployed by `test_guest_rest`."""

from pathlib import Path

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_lambda as lambda_

HERE = Path(__file__).parent

app = App()
stack = Stack(app, "RestGuest")


def function(name: str, folder: str, seconds: int) -> lambda_.Function:
    return lambda_.Function(
        stack,
        name,
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler=f"{folder}.handler",
        code=lambda_.Code.from_asset(str(HERE / folder)),
        timeout=Duration.seconds(seconds),
    )


answer = function("Answer", "answer", 1)
guard = function("Guard", "guard", 1)
bare_guard = function("BareGuard", "guard", 1)

api = apigateway.RestApi(stack, "Api")
token = apigateway.TokenAuthorizer(
    stack,
    "Token",
    handler=guard,
    validation_regex="Bearer [a-z-]+",
    results_cache_ttl=Duration.seconds(60),
)
uncached = apigateway.TokenAuthorizer(stack, "Uncached", handler=guard, results_cache_ttl=Duration.seconds(0))
request = apigateway.RequestAuthorizer(
    stack,
    "Request",
    handler=guard,
    identity_sources=[
        apigateway.IdentitySource.header("Authorization"),
        apigateway.IdentitySource.context("resourcePath"),
        apigateway.IdentitySource.context("httpMethod"),
    ],
    results_cache_ttl=Duration.seconds(60),
)
integration = apigateway.LambdaIntegration(answer)
api.root.add_method("GET", integration)
things = api.root.add_resource(
    "things",
    default_cors_preflight_options=apigateway.CorsOptions(
        allow_origins=["https://app.example.com"], allow_headers=["authorization"]
    ),
)
things.add_method("GET", integration)
things.add_method("POST", integration)
things.add_resource("{thing}").add_method("GET", integration)
things.add_resource("fixed").add_method("GET", integration)
things.add_resource("all").add_resource("{rest+}").add_method("ANY", integration)
for path, authorizer in (("token", token), ("uncached", uncached), ("request", request)):
    resource = api.root.add_resource(path)
    for method in ("GET", "POST"):
        resource.add_method(method, integration, authorizer=authorizer)
    resource.add_resource("{id}").add_method("GET", integration, authorizer=authorizer)

api.add_gateway_response(
    "Challenge",
    type=apigateway.ResponseType.UNAUTHORIZED,
    response_headers={
        "WWW-Authenticate": "'Bearer realm=\"things\"'",
        "X-Request": "context.requestId",
        "X-Asked": "method.request.header.X-Ask",
    },
    templates={
        "application/json": '{"error":$context.error.messageString,"type":"$context.error.responseType",'
        '"path":"${context.resourcePath}"}'
    },
)
api.add_gateway_response(
    "Forbidden",
    type=apigateway.ResponseType.ACCESS_DENIED,
    response_headers={"WWW-Authenticate": "context.authorizer.challenge"},
)
api.add_gateway_response(
    "Others", type=apigateway.ResponseType.DEFAULT_4_XX, status_code="418", response_headers={"X-Default": "'yes'"}
)

bare = apigateway.RestApi(stack, "Bare", deploy_options=apigateway.StageOptions(stage_name="v1"))
bare.root.add_method("GET", integration, authorizer=apigateway.TokenAuthorizer(stack, "BareToken", handler=bare_guard))
app.synth()
