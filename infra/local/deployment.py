"""A whole deployment on this machine, as a context manager: what `make run` and the tests use."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from gatepost.aws.boto import BotoClient
from gatepost.settings import Settings, secret_variable
from gatepost.stores.dynamodb.store import DynamoDBStore
from gatepost.stores.schema import TABLES
from infra.configuration.context import ROOT
from infra.local.apigateway.deployed_api import DeployedApi, read_api
from infra.local.apigateway.events import Request, Response
from infra.local.apigateway.front import Front
from infra.local.apigateway.gateway import Gateway
from infra.local.aws.calls import partition_keys
from infra.local.aws.cloud import Cloud
from infra.local.aws.door import Door, OnCall
from infra.local.aws.made_stack import Stack
from infra.local.aws.mail import Mailbox, SentMail
from infra.local.aws.mends import served
from infra.local.aws.provision import by_folder, function_configs, make_stack, update_stack
from infra.local.aws.rotation import rotate, scheduled
from infra.local.coverage import check_covered
from infra.local.demo.client_app import ClientApp
from infra.local.demo.seed import Demo, seed
from infra.local.lambda_runtime.log import Log
from infra.local.lambda_runtime.process import FunctionConfig
from infra.local.lambda_runtime.runtime import Function
from infra.local.running import Running
from infra.local.synthesis import HERE, Assembly, machine_context, synthesize
from infra.stack.operators import OPERATORS

_OPERATING = {operator.name for operator in OPERATORS}
_STACK = "Gatepost-local"  # as the stack of a stage is called, so that a command finds it as it finds one on AWS

Step = Callable[[str], AbstractContextManager[object]]


class Deployment:
    """`with Deployment() as deployment:` serves at `deployment.base_url` until the block ends."""

    base_url: str
    cloud: Cloud
    client_app: ClientApp
    settings: Settings
    store: DynamoDBStore
    tables: Mapping[str, str]  # logical to physical names
    functions: dict[str, Function]
    demo: Mapping[str, Any]  # the facts of seed.Demo
    template: Mapping[str, Any]  # what was deployed

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
        on_call: OnCall | None = None,
    ) -> None:
        """Nothing starts before the block.

        `overrides` go over the context of `cdk.json`; `alter` changes the template before it is deployed; `width` is
        the number of warm processes a function may have; `step` surrounds each step of the start; `on_log` gets every
        line of the functions, one JSON object each, which `logs` keeps too; `on_mail` gets every mail, and so does
        `mails`; `on_call` gets every call of a function to AWS.
        """
        self._ports = port, client_port
        self._context = {**machine_context(), **HERE, **(overrides or {})}
        self._functions_folder = functions_folder
        self._alter = alter
        self._seeded = seeded
        self._width = width
        self._step = step
        self._log = Log(on_log)
        self._on_mail = on_mail
        self._on_call = on_call
        self._mailbox: Mailbox | None = None
        self._exit = ExitStack()
        self.logs = self._log.lines
        self.facts = Demo(base_url="")

    def __enter__(self) -> Deployment:
        """Start everything. What goes wrong has a sentence for people (see `infra.local.__main__`)."""
        with ExitStack() as starting:
            self._start(starting)
            self._exit = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything that was started, the last first."""
        self._exit.close()

    def client(self, service: str) -> Any:
        """A boto3 client of the local AWS with every right."""
        return self.cloud.client(service)

    def invoke(self, function: str, event: Any) -> Any:
        """Invoke a function by the name of its folder, without the API. Raises what `runtime.Function.invoke` does."""
        return self.functions[function].invoke(event)

    def rotate(self, secret: str) -> None:
        """Rotate a secret of `infra.stack.function_table.SECRETS` as its schedule does when the time has come."""
        secret_arn = self.secret_arn(secret)
        rotate(self.cloud, secret_arn, self._rotations[secret_arn])

    def secret_arn(self, secret: str) -> str:
        """Where a secret of `infra.stack.function_table.SECRETS` lies."""
        variable = secret_variable(secret)
        (arn,) = {
            each.config.environment[variable] for each in self.functions.values() if variable in each.config.environment
        }
        return arn

    def redeploy(self, overrides: Mapping[str, Any] | None = None, *, functions_folder: Path | None = None) -> None:
        """Deploy over what runs, with other settings or functions; what is stored stays. Raises what the start does."""
        context = {**self._context, **(overrides or {})}
        assembly = self._exit.enter_context(self._synthesized(context, functions_folder or self._functions_folder))
        (api_id,) = served(assembly.template)
        stack = update_stack(self.cloud, assembly, name=_STACK, urls={api_id: self.base_url})
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        configs = by_folder(stack, function_configs(stack, assembly, folder))
        api = read_api(stack, api_id)
        for name, config in configs.items():
            if name in self.functions:
                self.functions[name].become(config)
            else:
                self.functions[name] = self._exit.enter_context(contextlib.closing(self._function(name, config)))
        self._serve(stack, api)

    def restart(self, function: str) -> None:
        """Let the next invocation of a function be a cold start."""
        self.functions[function].restart()

    @property
    def mails(self) -> list[SentMail]:
        """Every mail that was sent; none without a `mail_sender`."""
        return self._mailbox.mails() if self._mailbox else []

    @property
    def running(self) -> Running:
        """What another process needs to work with the tables."""
        return Running(
            base_url=self.base_url,
            access=replace(self.cloud.access, endpoint=self._door.endpoint),
            tables=self.tables,
            functions={name: each.config.physical_name for name, each in self.functions.items()},
        )

    @property
    def client_app_url(self) -> str:
        """The address of the demo apps' own web server."""
        return self.client_app.url

    def _start(self, starting: ExitStack) -> None:
        front = starting.enter_context(contextlib.closing(Front(self._ports[0])))
        self.client_app = starting.enter_context(contextlib.closing(ClientApp(self._ports[1])))
        self.base_url = front.base_url
        self._folder = folder = Path(
            starting.enter_context(tempfile.TemporaryDirectory(prefix="gatepost-", ignore_cleanup_errors=True))
        )
        with self._step("Synthesizing the template"):
            assembly = starting.enter_context(self._synthesized(self._context, self._functions_folder))
        with self._step("Starting the local AWS"):
            self.cloud = starting.enter_context(contextlib.closing(Cloud(folder)))
            self._door = starting.enter_context(contextlib.closing(Door(self.cloud.access, self._on_call)))
        with self._step("Deploying the stack"):
            (api_id,) = served(assembly.template)
            stack = make_stack(self.cloud, assembly, name=_STACK, urls={api_id: self.base_url})
            self.tables = {spec.name: stack.outputs[f"Table{spec.name.capitalize()}"] for spec in TABLES}
            configs = by_folder(stack, function_configs(stack, assembly, folder))
            api = read_api(stack, api_id)
        self.functions = {
            name: starting.enter_context(contextlib.closing(self._function(name, config)))
            for name, config in configs.items()
        }
        self.settings = Settings.from_env(next(iter(configs.values())).environment)
        self.store = DynamoDBStore(BotoClient(self.cloud.client("dynamodb")), self.tables)
        if self.settings.mail_sender:
            self._mailbox = Mailbox(self.cloud, self.settings.mail_sender, self._on_mail)
        self._serve(stack, api)
        if self._seeded:
            with self._step("Making the first keys"):
                for secret_arn, function in self._rotations.items():
                    rotate(self.cloud, secret_arn, function)
            with self._step("Making the demo users and apps"):
                self.facts = seed(self.store, self.settings, base_url=self.base_url, client_url=self.client_app.url)
        else:
            self.facts = Demo(base_url=self.base_url)
        self.demo = self.facts.as_dict()
        front.serve(self._answer)
        self.client_app.serve(self.facts)

    @contextlib.contextmanager
    def _synthesized(self, context: Mapping[str, Any], functions_folder: Path) -> Iterator[Assembly]:
        """The assembly of a context, kept as long as the block lasts."""
        assembly = synthesize(context, functions_folder)
        if self._alter:
            template = json.loads(json.dumps(assembly.template))
            self._alter(template)
            assembly = replace(assembly, template=template)
        check_covered(assembly.template)
        self.template = assembly.template
        with assembly.in_use():
            yield assembly

    def _function(self, name: str, config: FunctionConfig) -> Function:
        return Function(config, width=self._width, credentials=self._credentials(name), log=self._log.write)

    def _serve(self, stack: Stack, api: DeployedApi) -> None:
        """From now on, answer by this API and rotate by these schedules."""
        self._door.serve(
            {each.config.physical_name: each for each in self.functions.values()},
            partition_keys(self.tables),
        )
        self._rotations = scheduled(self.cloud, stack, self.functions)
        self._gateway = Gateway(api, {arn: each for each in self.functions.values() for arn in each.arns})

    def _answer(self, request: Request) -> Response:
        """The gateway's answer; a mail is shown before the request that sent it is answered."""
        response = self._gateway.handle(request)
        if self._mailbox:
            self._mailbox.mails()
        return response

    def _credentials(self, function: str) -> Callable[[str], Mapping[str, str]]:
        """Credentials of a role for a function, which the door then knows by them."""
        of_role = self.cloud.role_credentials()

        def credentials(role_arn: str) -> Mapping[str, str]:
            found = of_role(role_arn)
            self._door.knows(found["AWS_ACCESS_KEY_ID"], function)
            by_the_door = self._on_call or function in _OPERATING  # which call functions, and those run here
            return {**found, "AWS_ENDPOINT_URL": self._door.endpoint} if by_the_door else found

        return credentials
