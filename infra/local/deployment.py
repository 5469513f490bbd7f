"""A whole deployment on this machine, as a context manager, for `make run` and the tests."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Mapping, Set
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from gatepost.aws.boto import BotoClient
from gatepost.settings import Settings, function_variable, secret_variable
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import TABLES
from infra.configuration.context import ROOT
from infra.local.apigateway.deployed_api import DeployedApi, read_api
from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.front import Front
from infra.local.apigateway.gateway import Gateway
from infra.local.aws.calls import partition_keys
from infra.local.aws.cloud import REGION, Cloud
from infra.local.aws.differences import served
from infra.local.aws.door import Door, OnCall
from infra.local.aws.event_source import EventSources
from infra.local.aws.kept_lines import KeptLines
from infra.local.aws.made_stack import Stack
from infra.local.aws.mail import Mailbox, SentMail
from infra.local.aws.provision import by_folder, function_configs, make_stack, update_stack
from infra.local.aws.rotation import changed, rotate, scheduled, schedules, secret_arns
from infra.local.demo.client_app import ClientApp
from infra.local.demo.seed import Demo, known, seed
from infra.local.lambda_runtime.log import Log
from infra.local.lambda_runtime.process import FunctionConfig
from infra.local.lambda_runtime.runtime import Function
from infra.local.running import Running
from infra.local.started import Started, by_what_invokes, in_use, running_functions
from infra.local.state import State
from infra.local.synthesis import HERE, TRIED_HERE, Assembly, machine_context, synthesize
from infra.stack.operators import OPERATORS

_OPERATING = {operator.name for operator in OPERATORS}
_STACK = "Gatepost-local"  # named like a stage's stack, so that commands find it as on AWS

OnRequest = Callable[[Request, Response, float], None]
Step = Callable[[str], AbstractContextManager[object]]


class Deployment(Started):
    """`with Deployment() as deployment:` serves at `deployment.base_url` until the block ends."""

    base_url: str
    cloud: Cloud
    client_app: ClientApp
    settings: Settings
    store: DynamoDBStore
    tables: Mapping[str, str]  # logical to physical names
    functions: dict[str, Function]
    demo: Mapping[str, Any]  # the facts of seed.Demo
    template: Mapping[str, Any]  # the deployed template

    def __init__(
        self,
        *,
        port: int = 0,
        client_port: int = 0,
        overrides: Mapping[str, Any] | None = None,
        functions_folder: Path = ROOT / "functions",
        alter: Callable[[dict[str, Any]], None] | None = None,
        seeded: bool = True,
        width: int = 4,
        step: Step = contextlib.nullcontext,
        on_log: Callable[[str], None] | None = None,
        on_mail: Callable[[SentMail], None] | None = None,
        on_request: OnRequest | None = None,
        on_https: Callable[[], None] | None = None,
        on_call: OnCall | None = None,
        state: State | None = None,
    ) -> None:
        """Configure the deployment; it starts with the block.

        `overrides` override the context of `cdk.json`; `alter` changes the template before it is deployed; `width` is
        the number of warm processes per function; `step` surrounds each step of the start; `on_log` receives every line
        of the functions, one JSON object each, as does `logs`; `on_mail` receives every mail, as does `mails`;
        `on_request` receives every request, its response and the milliseconds between them; `on_https` is called when a
        client speaks TLS; `on_call` receives every call of a function to AWS; `state` is what another run left, which
        `keep` renews.
        """
        self.state = state
        self._ports = port, client_port
        self._context = {**machine_context(), **TRIED_HERE, **HERE, **(overrides or {})}
        self._functions_folder = functions_folder
        self._alter = alter
        self._seeded = seeded
        self._width = width
        self._step = step
        self._log = Log(on_log)
        self._on_mail = on_mail
        self._on_request = on_request
        self._on_https = on_https
        self._on_call = on_call
        self._mailbox: Mailbox | None = None
        self.logs = self._log.lines
        self.facts = Demo(base_url="")

    def client(self, service: str) -> Any:
        """Return a boto3 client of the local AWS with all permissions."""
        return self.cloud.client(service)

    def invoke(self, function: str, event: Any) -> Any:
        """Invoke a function by the name of its folder, without the API. Raises as `runtime.Function.invoke`."""
        return self.functions[function].invoke(event)

    def rotate(self, secret: str) -> None:
        """Rotate a secret of `infra.stack.function_table.SECRETS` as its schedule does."""
        secret_arn = self.secret_arn(secret)
        rotate(self.cloud, secret_arn, self._rotations[secret_arn])

    def secret_arn(self, secret: str) -> str:
        """Return the ARN of a secret of `infra.stack.function_table.SECRETS`."""
        variable = secret_variable(secret)
        (arn,) = {each.config.environment.get(variable, "") for each in self.functions.values()} - {""}
        return arn

    def redeploy(self, overrides: Mapping[str, Any] | None = None, *, functions_folder: Path | None = None) -> None:
        """Update the running deployment with other settings or functions; data stays. Raises as the start does."""
        context = {**self._context, **(overrides or {})}
        before = schedules(self.template)
        assembly = self._synthesized(context, functions_folder or self._functions_folder, self._exit)
        (api_id,) = served(assembly.template)
        stack = update_stack(self.cloud, assembly, name=_STACK, urls={api_id: self.base_url})
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        configs = by_folder(stack, function_configs(stack, assembly, folder))
        api = read_api(stack, api_id)
        for name, config in configs.items():
            if name in self.functions:
                self.functions[name].become(config)
            else:
                self.functions |= self._run({name: config}, self._exit)
        self._serve(stack, api)
        for secret_arn in changed(self.cloud, stack, before):
            rotate(self.cloud, secret_arn, self._rotations[secret_arn])

    def restart(self, function: str) -> None:
        """Make the next invocation of a function a cold start."""
        self.functions[function].restart()

    def keep(self) -> None:
        """Keep everything in `state`, from now on as it changes. Raises CloudFailed."""
        if self.state:
            self.cloud.save()
            self.state.commit(self.template, self.demo)

    @property
    def mails(self) -> list[SentMail]:
        """Every mail that was sent; none without a `mail_sender`."""
        return self._mailbox.mails() if self._mailbox else []

    @property
    def running(self) -> Running:
        """The access for another process to the tables and functions."""
        return Running(
            base_url=self.base_url,
            access=replace(self.cloud.access, endpoint=self._door.endpoint),
            tables=self.tables,
            functions={name: each.config.physical_name for name, each in self.functions.items()},
        )

    def _start(self, starting: ExitStack) -> None:
        front = starting.enter_context(contextlib.closing(Front(self._ports[0], on_https=self._on_https)))
        apps = self.state.front("the demo apps") if self.state else Front(self._ports[1])
        self.client_app = starting.enter_context(contextlib.closing(ClientApp(apps)))
        self.base_url = front.base_url
        self._folder = folder = Path(
            starting.enter_context(tempfile.TemporaryDirectory(prefix="gatepost-", ignore_cleanup_errors=True))
        )
        with self._step("Synthesizing the template"):
            assembly = self._synthesized(self._context, self._functions_folder, starting)
        before, former = (self.state.keys, self.state.schedules) if self.state else ({}, {})
        with self._step("Starting the local AWS"):
            cloud = self.state.cloud(folder, self.template) if self.state else Cloud(folder)
            self.cloud = starting.enter_context(contextlib.closing(cloud))
            self._door = starting.enter_context(contextlib.closing(Door(self.cloud.access, self._on_call)))
        with self._step("Updating the stack" if before else "Deploying the stack"):
            (api_id,) = served(assembly.template)
            deploy = update_stack if before else make_stack
            stack = deploy(self.cloud, assembly, name=_STACK, urls={api_id: self.base_url})
            self.tables = {spec.name: stack.outputs[f"Table{spec.name.capitalize()}"] for spec in TABLES}
            configs = by_folder(stack, function_configs(stack, assembly, folder))
            api = read_api(stack, api_id)
        self.functions = self._run(configs, starting)
        self._sources = starting.enter_context(contextlib.closing(EventSources()))
        self.settings = Settings.from_env(next(iter(configs.values())).environment)
        self.store = DynamoDBStore(BotoClient(self.cloud.client("dynamodb")), self.tables, REGION)
        if self.settings.mail_sender:
            self._mailbox = Mailbox(self.cloud, self.settings.mail_sender, self._on_mail)
        self._serve(stack, api)
        kept = secret_arns(self.cloud, stack, before) - changed(self.cloud, stack, former)
        self.facts = self._filled(kept) if self._seeded else Demo(base_url=self.base_url)
        self.demo = self.facts.as_dict()
        front.serve(self._answer, pages_at_localhost=True)
        self.client_app.serve(self.facts)

    def _filled(self, before: Set[str]) -> Demo:
        """Make the keys of secrets that are not as `before`, and the demo unless `state` knows it."""
        new = {arn: function for arn, function in self._rotations.items() if arn not in before}
        with self._step("Making the keys") if new else contextlib.nullcontext():
            for secret_arn, function in new.items():
                rotate(self.cloud, secret_arn, function)
        if self.state and self.state.demo:
            return known(self.state.demo, base_url=self.base_url)
        with self._step("Making the demo users and apps"):
            return seed(self.store, self.settings, base_url=self.base_url, client_url=self.client_app.url)

    def _synthesized(self, context: Mapping[str, Any], functions_folder: Path, running: ExitStack) -> Assembly:
        """The assembly of a context, in use until `running` ends."""
        assembly = in_use(synthesize(context, functions_folder), self._alter, running)
        self.template = assembly.template
        return assembly

    def _run(self, configs: Mapping[str, FunctionConfig], running: ExitStack) -> dict[str, Function]:
        of_role = self.cloud.role_credentials()
        # operators' functions call functions, and so do some others: they run here
        invoked = {function_variable("fetch"), function_variable("logo")}
        calling = {name for name in configs if name in _OPERATING or not invoked.isdisjoint(configs[name].environment)}
        return running_functions(
            configs,
            running,
            width=self._width,
            credentials=lambda name: self._door.credentials(of_role, name, by=bool(self._on_call) or name in calling),
            log=KeptLines(self.cloud, configs, self._log.write).write,
        )

    def _serve(self, stack: Stack, api: DeployedApi) -> None:
        """From now on, answer by this API and rotate by these schedules."""
        self._door.serve(by_what_invokes(self.functions.values()), partition_keys(self.tables))
        self._rotations = scheduled(self.cloud, stack, self.functions)
        self._sources.serve(self.cloud, stack, self.functions)
        self._gateway = Gateway(api, {arn: each for each in self.functions.values() for arn in each.arns})

    def _answer(self, request: Request) -> Response:
        """The gateway's answer; a mail is shown before the request that sent it is answered."""
        began = time.perf_counter()
        response = self._gateway.handle(request)
        if self._mailbox:
            self._mailbox.mails()
        if self._on_request:
            self._on_request(request, response, (time.perf_counter() - began) * 1000)
        return response
