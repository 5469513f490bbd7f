"""The app of docs/examples/any-tool/app.ts, in Python: it includes the template of the authorizer."""

import json
import os

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from aws_cdk.aws_s3_assets import Asset
from aws_cdk.cloudformation_include import CfnInclude

app = App()
stack = Stack(app, "Reports")
api = apigateway.HttpApi(stack, "Api")
code = Asset(stack, "AuthorizerCode", path=os.environ["AUTHORIZER_ZIP"])
gatepost = CfnInclude(
    stack,
    "Gatepost",
    template_file=os.environ["AUTHORIZER_TEMPLATE"],
    parameters={
        "CodeBucket": code.s3_bucket_name,
        "CodeKey": code.s3_object_key,
        "Issuer": os.environ["ISSUER"],
        "TokensTableArn": os.environ["TOKENS_TABLE_ARN"],
        "HttpApiId": api.api_id,
        **dict.fromkeys(("CacheSeconds", "RevocationPoll"), 1),
        "Routes": json.dumps({"read": ["GET /reports"], "read write": ["GET /drafts"]}),
    },
)
function = lambda_.Function(
    stack,
    "Function",
    runtime=lambda_.Runtime.PYTHON_3_13,
    handler="reports.handler",
    code=lambda_.Code.from_asset("handlers"),
)
for path in ("/reports", "/drafts"):
    integration = HttpLambdaIntegration(f"Of{path[1:]}", function)
    (route,) = api.add_routes(path=path, methods=[apigateway.HttpMethod.GET], integration=integration)
    resource = route.node.default_child
    assert isinstance(resource, apigateway.CfnRoute)
    resource.authorization_type = "CUSTOM"
    resource.authorizer_id = gatepost.get_resource("Authorizer").ref
CfnOutput(stack, "Url", value=api.api_endpoint)
app.synth()
