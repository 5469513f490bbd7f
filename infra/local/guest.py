"""A second stack beside Gatepost's: another CDK app, whose routes Gatepost protects."""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from gatepost.resource_server.protection import Protection
from infra.local.apigateway import function_url
from infra.local.apigateway.deployed_api import read_api
from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.front import Front
from infra.local.apigateway.gateway import Gateway
from infra.local.apigateway.rest.deployed import read_rest_api
from infra.local.apigateway.rest.front import RestGateway
from infra.local.aws.arns import ACCOUNT
from infra.local.aws.cloud import REGION
from infra.local.aws.differences import served
from infra.local.aws.made_stack import Stack
from infra.local.aws.parameters import settled
from infra.local.aws.provision import function_configs, has_stack, make_stack, remove_stack, update_stack
from infra.local.deployment import Deployment, Step
from infra.local.lambda_runtime.log import Log
from infra.local.lambda_runtime.runtime import Function
from infra.local.started import Started, in_use, running_functions
from infra.local.synthesis import Assembly, machine_context, synthesize_app

_ID_HEADERS = {
    "AWS::ApiGateway::RestApi": "x-amzn-RequestId",
    "AWS::ApiGatewayV2::Api": "apigw-requestid",
    "AWS::Lambda::Url": "x-amzn-RequestId",
}


class Guest(Started):
    """`with Guest(gatepost, app=Path("app.py")) as guest:` serves the app's APIs until the block ends."""

    outputs: Mapping[str, str]  # of its stack
    functions: Mapping[str, Function]  # by logical id; `function` finds one by a prefix of it

    def __init__(
        self,
        gatepost: Deployment,
        *,
        app: Path,
        environ: Mapping[str, str] | None = None,
        context: Mapping[str, Any] | None = None,
        alter: Callable[[dict[str, Any]], None] | None = None,
        width: int = 2,
        step: Step = contextlib.nullcontext,
        on_log: Callable[[str], None] | None = None,
    ) -> None:
        """Configure the guest; it starts with the block.

        `app` is a Python CDK app of one stack. `environ` is added to its environment; `context` to its context, with
        the prefix `gatepost.`, beside the machine's `architecture` and `python`. The default `context` describes this
        Gatepost: `issuer`, `audience` and `tokens_table_arn`. The rest is as for a `Deployment`.
        """
        self._gatepost = gatepost
        self._app = app
        self._environ = dict(environ or {})
        self._context = context
        self._alter = alter
        self._width = width
        self._step = step
        self._log = Log(on_log)
        self._urls: dict[str, str] = {}
        self.logs = self._log.lines

    def url(self, name: str) -> str:
        """Return the base URL, without a trailing slash, of an API or a function URL.

        `name` is a stack output whose value is a URL, or the resource's logical id or a prefix of it (CDK's is the
        construct's id and 8 digits). A REST API's URL includes its stage, if it has only one.
        """
        if name in self.outputs:
            return self.outputs[name].rstrip("/")
        return self._urls[_found(name, self._urls)]

    def function(self, name: str) -> Function:
        """Return a function by its logical id or a prefix of it."""
        return self.functions[_found(name, self.functions)]

    @property
    def urls(self) -> Mapping[str, str]:
        """The base URL of every API and function URL, by logical id."""
        return self._urls

    def _start(self, starting: ExitStack) -> None:
        with self._step(f"Synthesizing {self._app.name}"):
            context = self._about_gatepost() if self._context is None else self._context
            assembly = synthesize_app(self._app, self._environ, {**machine_context(), **context})
            assembly = replace(assembly, template=settled(assembly.template))
            assembly = in_use(assembly, self._alter, starting)
        fronts = {
            logical: starting.enter_context(contextlib.closing(self._front(logical, _ID_HEADERS[kind])))
            for logical, kind in served(assembly.template).items()
        }
        with self._step("Deploying its stack"):
            self._deploy(starting, assembly, fronts)

    def _about_gatepost(self) -> dict[str, Any]:
        gatepost = self._gatepost
        return {
            "issuer": gatepost.base_url,
            "audience": gatepost.settings.audience,
            "tokens_table_arn": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{gatepost.tables['tokens']}",
        }

    @property
    def unknown_scopes(self) -> list[str]:
        """The scopes that its routes require and Gatepost does not offer, so that no token opens them."""
        environments = [each.config.environment for each in self.functions.values()]
        routes = [Protection.from_env(environment).routes or {} for environment in environments]
        needed = {name for table in routes for scope in table.values() for name in scope}
        return sorted(needed - set(self._gatepost.settings.scope))

    @property
    def _digest(self) -> str:
        """A name of the app that its next run has, too."""
        return hashlib.sha256(str(self._app.resolve()).encode()).hexdigest()[:8]

    def _front(self, logical: str, id_header: str) -> Front:
        if state := self._gatepost.state:
            return state.front(f"{logical} of {self._app.name} ({self._digest})", id_header=id_header)
        return Front(0, id_header=id_header)

    def _deploy(self, starting: ExitStack, assembly: Assembly, fronts: Mapping[str, Front]) -> None:
        folder = Path(starting.enter_context(tempfile.TemporaryDirectory(prefix="gatepost-guest-")))
        urls = {logical: front.base_url for logical, front in fronts.items()}
        cloud = self._gatepost.cloud
        if self._gatepost.state:
            name = f"{assembly.stack_name}-{self._digest}"
            deploy = update_stack if has_stack(cloud, name) else make_stack
            stack = deploy(cloud, assembly, name=name, urls=urls)
        else:
            name = f"{assembly.stack_name}-{secrets.token_hex(4)}"  # the same app may be deployed twice
            stack = make_stack(cloud, assembly, name=name, urls=urls)
            starting.callback(remove_stack, cloud, name)
        self.outputs = stack.outputs
        self.functions = running_functions(
            function_configs(stack, assembly, folder),
            starting,
            width=self._width,
            credentials=lambda _: cloud.role_credentials(),
            log=self._log.write,
        )
        by_arn = {arn: each for each in self.functions.values() for arn in each.arns}
        for logical, front in fronts.items():
            answer, path = _answering(stack, logical, by_arn)
            self._urls[logical] = front.base_url + path
            front.serve(answer)


def _answering(
    stack: Stack, logical: str, functions: Mapping[str, Function]
) -> tuple[Callable[[Request], Response], str]:
    """Return the handler of an API or a function URL, and the path of its base URL."""
    kind = stack.template["Resources"][logical]["Type"]
    if kind == "AWS::Lambda::Url":
        return function_url.answering(stack, logical, functions), ""
    if kind == "AWS::ApiGateway::RestApi":
        api = read_rest_api(stack, logical)
        return RestGateway(api, functions).handle, f"/{api.stages[0]}" if len(api.stages) == 1 else ""
    return Gateway(read_api(stack, logical), functions).handle, ""


def _found(name: str, among: Mapping[str, Any]) -> str:
    """Return the only logical id that is `name`, or `name` with CDK's 8 digits, or has that prefix. Raises KeyError."""
    for form in (re.escape(name), re.escape(name) + "[0-9A-F]{8}", re.escape(name) + ".*"):
        fitting = [each for each in among if re.fullmatch(form, each)]
        if len(fitting) == 1:
            return fitting[0]
    raise KeyError(f"{name}: one of {', '.join(sorted(among))}")
