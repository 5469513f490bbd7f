"""A second stack beside ours: that of somebody else's CDK app, whose routes Gatepost protects."""

from __future__ import annotations

import contextlib
import json
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from infra.local.apigateway import function_url
from infra.local.apigateway.deployed_api import read_api
from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.front import Front
from infra.local.apigateway.gateway import Gateway
from infra.local.apigateway.rest.deployed import read_rest_api
from infra.local.apigateway.rest.front import RestGateway
from infra.local.aws.arns import ACCOUNT
from infra.local.aws.cloud import REGION
from infra.local.aws.made_stack import Stack
from infra.local.aws.mends import served
from infra.local.aws.parameters import settled
from infra.local.aws.provision import function_configs, make_stack, remove_stack
from infra.local.coverage import check_covered
from infra.local.deployment import Deployment, Step
from infra.local.lambda_runtime.log import Log
from infra.local.lambda_runtime.runtime import Function
from infra.local.synthesis import Assembly, machine_context, synthesize_app

_ID_HEADERS = {
    "AWS::ApiGateway::RestApi": "x-amzn-RequestId",
    "AWS::ApiGatewayV2::Api": "apigw-requestid",
    "AWS::Lambda::Url": "x-amzn-RequestId",
}


class Guest:
    """`with Guest(gatepost, app=Path("app.py")) as guest:` serves the app's APIs until the block ends."""

    outputs: Mapping[str, str]  # of its stack
    functions: Mapping[str, Function]  # by logical id; `function` finds one by the beginning of it

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
        """Nothing starts before the block.

        `app` is a Python CDK app of one stack. `environ` goes into its environment; `context` goes into its context
        under names that begin with `gatepost.`, beside the machine's `architecture` and `python`. Without a `context`
        it gets what an app needs to know of this Gatepost: `issuer`, `audience` and `tokens_table_arn`. The rest is as
        for a `Deployment`.
        """
        self._gatepost = gatepost
        self._app = app
        self._environ = dict(environ or {})
        self._context = context
        self._alter = alter
        self._width = width
        self._step = step
        self._log = Log(on_log)
        self._exit = ExitStack()
        self._urls: dict[str, str] = {}
        self.logs = self._log.lines

    def __enter__(self) -> Guest:
        """Synthesize, deploy and serve. What goes wrong has a sentence for people, as for a `Deployment`."""
        with ExitStack() as starting:
            self._start(starting)
            self._exit = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving and remove the stack."""
        self._exit.close()

    def url(self, name: str) -> str:
        """The base URL, without a slash at the end, of an API or a function URL.

        `name` is a stack output whose value is a URL, or the logical id of the resource or the beginning of it (as
        CDK makes them: the construct's id with 8 digits behind it). A REST API's URL includes its stage,
        if there is one only.
        """
        if name in self.outputs:
            return self.outputs[name].rstrip("/")
        return self._urls[_found(name, self._urls)]

    def function(self, name: str) -> Function:
        """A function by its logical id or the beginning of it."""
        return self.functions[_found(name, self.functions)]

    @property
    def urls(self) -> Mapping[str, str]:
        """The base URL of everything that is served, by logical id."""
        return self._urls

    def _start(self, starting: ExitStack) -> None:
        with self._step(f"Synthesizing {self._app.name}"):
            context = self._about_gatepost() if self._context is None else self._context
            assembly = synthesize_app(self._app, self._environ, {**machine_context(), **context})
            template = settled(assembly.template)
            if self._alter:
                template = json.loads(json.dumps(template))
                self._alter(template)
            assembly = replace(assembly, template=template)
            check_covered(assembly.template)
            starting.enter_context(assembly.in_use())
        fronts = {
            logical: starting.enter_context(contextlib.closing(Front(0, id_header=_ID_HEADERS[kind])))
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

    def _deploy(self, starting: ExitStack, assembly: Assembly, fronts: Mapping[str, Front]) -> None:
        folder = Path(starting.enter_context(tempfile.TemporaryDirectory(prefix="gatepost-guest-")))
        urls = {logical: front.base_url for logical, front in fronts.items()}
        cloud = self._gatepost.cloud
        name = f"{assembly.stack_name}-{secrets.token_hex(4)}"  # the same app may be deployed twice
        stack = make_stack(cloud, assembly, name=name, urls=urls)
        starting.callback(remove_stack, cloud, name)
        self.outputs = stack.outputs
        self.functions = {
            name: starting.enter_context(
                contextlib.closing(
                    Function(config, width=self._width, credentials=cloud.role_credentials(), log=self._log.write)
                )
            )
            for name, config in function_configs(stack, assembly, folder).items()
        }
        by_arn = {arn: each for each in self.functions.values() for arn in each.arns}
        for logical, front in fronts.items():
            answer, path = _answering(stack, logical, by_arn)
            self._urls[logical] = front.base_url + path
            front.serve(answer)


def _answering(
    stack: Stack, logical: str, functions: Mapping[str, Function]
) -> tuple[Callable[[Request], Response], str]:
    """What answers for an API or a function URL, and the path that its base URL has."""
    kind = stack.template["Resources"][logical]["Type"]
    if kind == "AWS::Lambda::Url":
        return function_url.answering(stack, logical, functions), ""
    if kind == "AWS::ApiGateway::RestApi":
        api = read_rest_api(stack, logical)
        return RestGateway(api, functions).handle, f"/{api.stages[0]}" if len(api.stages) == 1 else ""
    return Gateway(read_api(stack, logical), functions).handle, ""


def _found(name: str, among: Mapping[str, Any]) -> str:
    """The one logical id that is `name`, or is it with CDK's 8 digits, or begins with it. Raises KeyError."""
    for form in (re.escape(name), re.escape(name) + "[0-9A-F]{8}", re.escape(name) + ".*"):
        fitting = [each for each in among if re.fullmatch(form, each)]
        if len(fitting) == 1:
            return fitting[0]
    raise KeyError(f"{name}: one of {', '.join(sorted(among))}")
