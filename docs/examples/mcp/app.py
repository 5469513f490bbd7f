"""An MCP server on Lambda, behind an HTTP API and at a function URL, whose users sign in at a Gatepost."""

import shutil
import subprocess
import sys
from pathlib import Path

import jsii
from aws_cdk import App, AssetHashType, BundlingOptions, CfnOutput, Duration, ILocalBundling, Stack
from aws_cdk import aws_apigatewayv2 as http
from aws_cdk import aws_lambda as lambda_
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from gatepost_cdk import GatepostAuthorizer

SERVER = Path(__file__).parent / "server"
PLATFORMS = {"arm64": "aarch64-manylinux2014", "x86_64": "x86_64-manylinux2014"}


@jsii.implements(ILocalBundling)
class Packages:
    """The server's code beside the packages that it imports, installed for Lambda by uv, which gatepost_cdk brings."""

    def __init__(self, architecture: str, python: str) -> None:
        """Take Lambda's architecture and Python, which need not be this machine's."""
        self.platform, self.python = PLATFORMS[architecture], python

    def try_bundle(self, output_dir: str, *args: object, **options: object) -> bool:
        """Write the function's folder. Raises CalledProcessError if a package can't be installed."""
        beside = Path(sys.executable).with_name("uv")
        uv = str(beside) if beside.exists() else shutil.which("uv")
        subprocess.run(
            [
                *(uv, "pip", "install", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:"),
                *("--requirement", str(SERVER / "requirements.txt"), "--target", output_dir, "--no-config"),
                *("--python", sys.executable, "--python-platform", self.platform, "--python-version", self.python),
            ],
            check=True,
        )
        for module in SERVER.glob("*.py"):
            shutil.copy(module, output_dir)
        return True


class Mcp(Stack):
    """One function behind both. A server of your own needs one of them."""

    def __init__(self, scope: Construct) -> None:
        """Read the location of the Gatepost from the context in cdk.json."""
        super().__init__(scope, "Mcp")
        auth = GatepostAuthorizer(
            self,
            "Auth",
            issuer=self.node.get_context("gatepost.issuer"),
            tokens_table_arn=self.node.try_get_context("gatepost.tokens_table_arn"),
            realm="notes",
        )
        by_api, by_url = self.function("Server"), self.function("UrlServer")
        for function in (by_api, by_url):
            auth.guard(function)
        api = http.HttpApi(self, "Api", default_integration=HttpLambdaIntegration("Server", by_api))
        url = by_url.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)
        CfnOutput(self, "McpUrl", value=f"{api.api_endpoint}/mcp")
        CfnOutput(self, "FunctionUrl", value=f"{url.url}mcp")

    def function(self, name: str) -> lambda_.Function:
        """Return the server as a function. Its RESOURCE, if a domain of yours is before it, is that domain's URL."""
        architecture = self.node.try_get_context("gatepost.architecture") or "arm64"  # on this machine: its own
        python = self.node.try_get_context("gatepost.python") or "3.13"
        bundling = BundlingOptions(
            image=lambda_.Runtime.PYTHON_3_13.bundling_image,  # not used: nothing here needs Docker
            local=Packages(architecture, python),
        )
        resource = self.node.try_get_context("gatepost.resource")
        return lambda_.Function(
            self,
            name,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler="handler.handler",
            code=lambda_.Code.from_asset(str(SERVER), bundling=bundling, asset_hash_type=AssetHashType.OUTPUT),
            environment={"RESOURCE": resource} if resource else {},
            memory_size=1024,
            timeout=Duration.seconds(15),
        )


app = App()
Mcp(app)
app.synth()
