"""The functions and their roles, each with exactly the permissions of `FUNCTIONS`."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import Annotations, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from gatepost.edge import origin_secret as edge
from gatepost.observability import log
from gatepost.settings import (
    LOGOUT_QUEUE_VARIABLE,
    SLOW_LOGOUT_QUEUE_VARIABLE,
    Settings,
    function_variable,
    secret_variable,
    table_variable,
)
from gatepost_cdk.bundling import function_folder, layer_folder
from gatepost_cdk.code import code_of
from gatepost_cdk.packages import LAYERS, OWN
from infra.configuration.context import ROOT, Configuration
from infra.configuration.custom_claims import claims_folder
from infra.stack.function_spec import ALIAS, CLAIMS, FunctionSpec
from infra.stack.function_table import FOLDER, FUNCTIONS
from infra.stack.grants import key_grants, mail_grant, may_log, table_grant
from infra.stack.logouts import Logouts
from infra.stack.secrets import Keys
from infra.stack.tables import Tables, removal_policy

ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}
_OWN_LAYERS = {OWN: ("the logic that the functions share",), CLAIMS: ("the claims of this deployment",)}
_ROTATION = ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")


def endpoint_variables(configuration: Configuration) -> dict[str, str]:
    """Return what tells AWS's clients, boto3 too, which of a service's endpoints to call."""
    return {
        **({"AWS_USE_FIPS_ENDPOINT": "true"} if configuration.use_fips_endpoint else {}),
        **({"AWS_USE_DUALSTACK_ENDPOINT": "true"} if configuration.use_dualstack_endpoint else {}),
    }


class Functions(Construct):
    """Every function of `FUNCTIONS` with its own role, log group, environment and layers."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        configuration: Configuration,
        settings: Settings,
        tables: Tables,
        keys: Keys,
        logouts: Logouts | None,
        functions_folder: Path,
    ) -> None:
        """`specs` is what is deployed, `by_name` the functions by their folders, `invoked` their aliases."""
        super().__init__(scope, construct_id)
        self._configuration = configuration
        self._settings = settings
        self._tables = tables.by_name
        self._secrets = keys.by_name
        self._edge_secret = keys.edge
        self.logouts = logouts
        self._folder = functions_folder
        self.specs = specs = deployed_functions(settings, demo=configuration.demo)
        self._layers = {
            name: self._make_layer(name) for name in dict.fromkeys(n for s in specs for n in self._layers_of(s))
        }
        self.by_name: dict[str, lambda_.Function] = {}
        self.invoked: dict[str, lambda_.Alias] = {}
        for spec in sorted(
            specs, key=lambda spec: len(spec.invokes)
        ):  # the others first: their ARNs are given to these
            self.by_name[spec.name] = self._function(spec)
            self.invoked[spec.name] = self._live(self.by_name[spec.name])

    def layer(self, name: str) -> lambda_.LayerVersion:
        """A layer of `gatepost_cdk.packages`, made if no function has it yet."""
        if name not in self._layers:
            self._layers[name] = self._make_layer(name)
        return self._layers[name]

    def _layers_of(self, spec: FunctionSpec) -> tuple[str, ...]:
        return spec.layers(
            mail=bool(self._settings.mail_sender),
            boto3=self._settings.aws_client == "boto3",
            edge=self._edge_of(spec) is not None,
            claims=bool(self._configuration.claims),
        )

    def _make_layer(self, name: str) -> lambda_.LayerVersion:
        configuration = self._configuration
        folder = (
            claims_folder(configuration)
            if name == CLAIMS
            else layer_folder(ROOT, name, architecture=configuration.architecture, python=configuration.python)
        )
        return lambda_.LayerVersion(
            self,
            f"{name.capitalize()}Layer",
            description=f"Gatepost: {', '.join(LAYERS.get(name, _OWN_LAYERS.get(name, ())))}",
            code=code_of(folder),
            compatible_runtimes=[runtime(configuration.python)],
            compatible_architectures=[ARCHITECTURES[configuration.architecture]],
        )

    def _function(self, spec: FunctionSpec) -> lambda_.Function:
        name = "".join(part.capitalize() for part in spec.name.split("_"))
        group = logs.CfnLogGroup(
            self,
            f"{name}Logs",
            retention_in_days=self._configuration.log_retention_days,
            kms_key_id=self._configuration.kms_key_arn or None,
        )
        group.apply_removal_policy(removal_policy(self._configuration))
        role = iam.Role(
            self,
            f"{name}Role",
            description=f"Gatepost, the function {spec.name}",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"access": iam.PolicyDocument(statements=[may_log(group), *self._grants(spec)])},
        )
        function = lambda_.Function(
            self,
            name,
            description=f"Gatepost. {spec.purpose}",
            runtime=runtime(self._configuration.python),
            architecture=ARCHITECTURES[self._configuration.architecture],
            handler=self._handler(spec),
            code=code_of(function_folder(ROOT, self._folder / spec.name, python=self._configuration.python)),
            layers=[self._layers[name] for name in self._layers_of(spec)],
            memory_size=spec.memory,
            timeout=Duration.seconds(spec.timeout),
            role=role.without_policy_updates(),
            environment=self._environment(spec),
            log_group=logs.LogGroup.from_log_group_name(self, f"{name}LogGroup", group.ref),
            tracing=lambda_.Tracing.ACTIVE if self._configuration.tracing else lambda_.Tracing.DISABLED,
            reserved_concurrent_executions=self._configuration.reserved_concurrency.get(spec.name),
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS
            if spec.name in self._configuration.snap_start
            else None,
            # A version is kept no longer than the alias points to it: it takes room, and its snapshot is paid for.
            current_version_options=lambda_.VersionOptions(removal_policy=RemovalPolicy.DESTROY),
        )
        published = "The alias points to a published version of every function."
        Annotations.of(function).acknowledge_warning("@aws-cdk/aws-lambda:snapStartRequirePublish", published)
        resource = function.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)  # noqa: S101
        resource.add_metadata(FOLDER, spec.name)
        return function

    def _handler(self, spec: FunctionSpec) -> str:
        """Return the function's own handler; behind an edge, the one that checks the edge's secret."""
        if self._edge_of(spec) is None:
            return "handler.handler"
        return f"gatepost.edge.entry.{'authorizer' if spec.name == 'authorizer' else 'handler'}"

    def _edge_of(self, spec: FunctionSpec) -> secretsmanager.CfnSecret | None:
        """Return the secret of the edge in front of the function, if any."""
        return self._edge_secret if spec.serves else None

    def _live(self, function: lambda_.Function) -> lambda_.Alias:
        """The alias of the version that this template publishes.

        CloudFormation updates code and configuration of a function one after the other: what calls `$LATEST` meets the
        new code with the old layers for seconds. A version is published when both are there. Its logical id follows
        code, layers and configuration, so a deployment that changes none of them publishes none.
        """
        return lambda_.Alias(self, f"{function.node.id}Live", alias_name=ALIAS, version=function.current_version)

    def _environment(self, spec: FunctionSpec) -> dict[str, str]:
        secrets, edge_secret = {*spec.reads_secrets, *spec.rotates_secrets}, self._edge_of(spec)
        logouts = self.logouts if spec.announces_logouts else None
        return {
            **self._settings.to_env(),
            **{table_variable(access.table): self._tables[access.table].table_name for access in spec.tables},
            **{secret_variable(name): self._secrets[name].secret_arn for name in sorted(secrets)},
            log.SERVICE: self._configuration.service,
            log.LEVEL: self._configuration.log_level,
            **({} if self._configuration.alarms else {log.METRICS: log.OFF}),
            **({secret_variable(edge.SECRET): edge_secret.ref} if edge_secret else {}),
            **({LOGOUT_QUEUE_VARIABLE: logouts.queue.queue_url} if logouts else {}),
            **({SLOW_LOGOUT_QUEUE_VARIABLE: logouts.slow.queue_url} if logouts and spec.takes_logouts else {}),
            **{function_variable(name): self.invoked[name].function_arn for name in spec.invokes},
            **endpoint_variables(self._configuration),
            **({edge.ONLY: "true"} if edge_secret and self._configuration.edge_only else {}),
        }

    def _grants(self, spec: FunctionSpec) -> list[iam.PolicyStatement]:
        statements, edge_secret = [table_grant(self._tables, access) for access in spec.tables], self._edge_of(spec)
        for names, actions in ((spec.reads_secrets, ("GetSecretValue",)), (spec.rotates_secrets, _ROTATION)):
            if names:
                resources = [self._secrets[name].secret_arn for name in names]
                named = [f"secretsmanager:{action}" for action in actions]
                statements.append(iam.PolicyStatement(actions=named, resources=resources))
        if edge_secret:
            reading = iam.PolicyStatement(actions=["secretsmanager:GetSecretValue"], resources=[edge_secret.ref])
            statements.append(reading)
        if spec.sends_mail and self._settings.mail_sender:
            statements.append(mail_grant(self, self._settings, self._configuration.mail_identities))
        if statements:
            statements += key_grants(self._configuration)
        if spec.invokes:
            invoked = [self.invoked[name].function_arn for name in spec.invokes]
            statements.append(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=invoked))
        if self.logouts and spec.announces_logouts:
            statements.append(self.logouts.may_announce())
        if self.logouts and spec.takes_logouts:
            statements += [self.logouts.may_take(), self.logouts.may_set_aside()]
        if self._configuration.tracing:
            # X-Ray has no resources (Service Authorization Reference): the wildcard is AWS's own.
            traces = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
            statements.append(iam.PolicyStatement(actions=traces, resources=["*"]))
        return statements


def deployed_functions(settings: Settings, *, demo: bool) -> tuple[FunctionSpec, ...]:
    """Return the functions of a deployment with these settings, with or without the demo API."""
    wanted = (spec for spec in FUNCTIONS if spec.only_if is None or spec.only_if(settings))
    return tuple(spec.deployed(settings) for spec in wanted if demo or not spec.demo)


def runtime(python: str) -> lambda_.Runtime:
    """The runtime of a Python version."""
    # SnapStart needs 3.12; the configuration rejects it for older versions
    return lambda_.Runtime(f"python{python}", lambda_.RuntimeFamily.PYTHON, supports_snap_start=True)
