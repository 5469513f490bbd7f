"""A second stack: an API of reports, protected by Gatepost in every supported way."""

from pathlib import Path

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_apigateway as rest
from aws_cdk import aws_apigatewayv2 as http
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from gatepost_cdk import GatepostAuthorizer

HANDLERS = lambda_.Code.from_asset(str(Path(__file__).parent / "handlers"))


class Reports(Stack):
    """The same reports behind each kind of protection. A stack of your own needs one of them."""

    def __init__(self, scope: Construct) -> None:
        """Read the location of the Gatepost from the context in cdk.json."""
        super().__init__(scope, "Reports")
        self.gatepost = {
            "issuer": self.node.get_context("gatepost.issuer"),
            "audience": self.node.try_get_context("gatepost.audience"),
            "resource": self.node.try_get_context("gatepost.resource"),
            "tokens_table_arn": self.node.try_get_context("gatepost.tokens_table_arn"),
        }
        self.http_api()
        self.native_http_api()
        self.rest_api("Request", kind="lambda")
        self.rest_api("Token", kind="token")
        self.guarded_http_api()
        self.function_url()

    def http_api(self) -> None:
        """Create an HTTP API with a Lambda authorizer."""
        api = http.HttpApi(self, "HttpApi")
        auth = GatepostAuthorizer(self, "Auth", **self.gatepost)
        integration = HttpLambdaIntegration("Reports", self.function("HttpReports", "reports.handler"))
        for path, scopes in {"/reports": ["reports.read"], "/reports/{id}": ["reports.read", "reports.write"]}.items():
            for route in api.add_routes(path=path, methods=[http.HttpMethod.GET], integration=integration):
                auth.protect(route, scopes=scopes)
        CfnOutput(self, "HttpApiUrl", value=api.api_endpoint)

    def native_http_api(self) -> None:
        """Create an HTTP API with API Gateway's own JWT authorizer: no Lambda, no revocation, one scope per route."""
        api = http.HttpApi(self, "NativeApi")
        auth = GatepostAuthorizer(self, "NativeAuth", kind="native", **self.gatepost)
        integration = HttpLambdaIntegration("Native", self.function("NativeReports", "reports.handler"))
        for route in api.add_routes(path="/reports", methods=[http.HttpMethod.GET], integration=integration):
            auth.protect(route, scopes=["reports.read"])
        CfnOutput(self, "NativeApiUrl", value=api.api_endpoint)

    def rest_api(self, name: str, *, kind: str) -> None:
        """Create a REST API; its gateway responses send the challenges."""
        api = rest.RestApi(self, f"{name}Api", cloud_watch_role=False)
        auth = GatepostAuthorizer(self, f"{name}Auth", kind=kind, realm="reports", **self.gatepost)
        integration = rest.LambdaIntegration(self.function(f"{name}Reports", "reports.handler"))
        reports = api.root.add_resource("reports")
        auth.protect(reports.add_method("GET", integration), scopes=["reports.read"])
        one = reports.add_resource("{id}")
        auth.protect(one.add_method("GET", integration), scopes=["reports.read", "reports.write"])
        CfnOutput(self, f"{name}ApiUrl", value=api.url)

    def guarded_http_api(self) -> None:
        """Create an HTTP API whose function checks tokens itself and publishes its metadata (RFC 9728)."""
        api = http.HttpApi(self, "GuardedApi")
        where = f"{api.api_endpoint}/.well-known/oauth-protected-resource"
        auth = GatepostAuthorizer(self, "Guard", realm="reports", resource_metadata=where, **self.gatepost)
        for path, handler in {
            "/reports": "guarded.reports",
            "/.well-known/oauth-protected-resource": "guarded.metadata",
        }.items():
            name = f"Guarded{handler.rpartition('.')[2].capitalize()}"
            function = self.function(name, handler, RESOURCE=self.gatepost["resource"] or api.api_endpoint)
            auth.guard(function)
            api.add_routes(path=path, methods=[http.HttpMethod.GET], integration=HttpLambdaIntegration(name, function))
        CfnOutput(self, "GuardedApiUrl", value=api.api_endpoint)

    def function_url(self) -> None:
        """Create a function URL whose function checks tokens itself, for one route of a Powertools resolver."""
        function = self.function("ResolvedReports", "resolved.handler")
        GatepostAuthorizer(self, "UrlGuard", realm="reports", **self.gatepost).guard(function, powertools=True)
        url = function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)
        CfnOutput(self, "FunctionUrl", value=url.url)

    def function(self, name: str, handler: str, **environment: str) -> lambda_.Function:
        """Return a function of the folder handlers/."""
        return lambda_.Function(
            self,
            name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler=handler,
            code=HANDLERS,
            environment=environment,
        )


app = App()
Reports(app)
app.synth()
