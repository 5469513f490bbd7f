"""The functions of `infra.stack.operators` in the stack, off as shipped.

They run the code of `infra.tools.operator`. Whoever may invoke one does this one thing, and needs no other right.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import botocore
from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from gatepost.observability import log
from gatepost_cdk.bundling import files_folder
from gatepost_cdk.code import code_of
from infra.configuration.context import ROOT, Configuration
from infra.stack.function_table import FOLDER
from infra.stack.functions import ARCHITECTURES, Functions, endpoint_variables, runtime
from infra.stack.grants import key_grants, may_log, table_grant
from infra.stack.operators import OPERATORS, Operator
from infra.stack.tables import removal_policy
from infra.tools.operator.invoked import MODELS, STACK

_MODULES = (
    "infra/__init__.py",
    *(f"infra/configuration/{name}.py" for name in ("__init__", "allowed_values", "consistency", "context")),
    *(f"infra/configuration/{name}.py" for name in ("names", "resources", "scopes")),
    *(f"infra/local/{name}.py" for name in ("__init__", "arguments", "running")),
    *(f"infra/local/aws/{name}.py" for name in ("__init__", "cloud", "saving")),
    *(f"infra/stack/{name}.py" for name in ("__init__", "access", "revoking", "console_functions")),
    *(f"infra/stack/{name}.py" for name in ("features", "function_spec", "function_table")),
    "infra/tools/__init__.py",
    *(f"infra/tools/operator/{name}.py" for name in ("__init__", "admin", "command", "erase_user", "export_user")),
    *(f"infra/tools/operator/{name}.py" for name in ("footprint", "forgotten", "groups", "invoked", "items")),
    *(f"infra/tools/operator/{name}.py" for name in ("leaked_key", "remote", "target")),
)
_SERVICES = ("cloudformation",)  # whose models the layer boto3 does not have
_RESTARTS = (
    *("GetFunction", "GetFunctionConfiguration", "ListAliases", "PublishVersion", "UpdateAlias"),
    "UpdateFunctionConfiguration",
)


class OperatorFunctions(Construct):
    """Every function of `OPERATORS`, with a role of its own."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        configuration: Configuration,
        functions: Functions,
        tables: Mapping[str, dynamodb.Table],
    ) -> None:
        """`by_name` holds the functions by their names."""
        super().__init__(scope, construct_id)
        self._configuration = configuration
        self._functions = functions
        self._tables = tables
        self._code = code_of(command_folder(configuration.python))
        self.by_name: Mapping[str, lambda_.Function] = {each.name: self._function(each) for each in OPERATORS}

    def _function(self, operator: Operator) -> lambda_.Function:
        configuration = self._configuration
        name = "".join(part.capitalize() for part in operator.name.split("_")[1:])
        group = logs.CfnLogGroup(
            self,
            f"{name}Logs",
            retention_in_days=configuration.log_retention_days,
            kms_key_id=configuration.kms_key_arn or None,
        )
        group.apply_removal_policy(removal_policy(configuration))
        role = iam.Role(
            self,
            f"{name}Role",
            description=f"Gatepost, the function {operator.name}",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            inline_policies={"access": iam.PolicyDocument(statements=[may_log(group), *self._grants(operator)])},
        )
        function = lambda_.Function(
            self,
            name,
            description=f"Gatepost. {operator.purpose}",
            runtime=runtime(configuration.python),
            architecture=ARCHITECTURES[configuration.architecture],
            handler=f"infra.tools.operator.invoked.{operator.name.removeprefix('operate_')}",
            code=self._code,
            layers=[self._functions.layer(each) for each in ("gatepost", "boto3")],
            memory_size=512,
            timeout=Duration.seconds(operator.timeout),
            role=role.without_policy_updates(),
            environment={
                STACK: Aws.STACK_NAME,
                log.SERVICE: configuration.service,
                log.LEVEL: configuration.log_level,
                log.METRICS: log.OFF,
                **endpoint_variables(configuration),
            },
            log_group=logs.LogGroup.from_log_group_name(self, f"{name}LogGroup", group.ref),
        )
        resource = function.node.default_child
        assert isinstance(resource, lambda_.CfnFunction)  # noqa: S101
        resource.add_metadata(FOLDER, operator.name)
        return function

    def _grants(self, operator: Operator) -> list[iam.PolicyStatement]:
        """The tables, the stack's parts, and its functions' environment."""
        stack = Stack.of(self).format_arn(
            service="cloudformation", resource="stack", resource_name=f"{Aws.STACK_NAME}/*"
        )
        reads = ("DescribeStacks", "GetTemplate", "ListStackResources")
        rotation = self._functions.by_name["rotate_keys"].function_arn
        statements = [table_grant(self._tables, each) for each in operator.tables]
        statements += key_grants(self._configuration)
        statements += [
            iam.PolicyStatement(actions=[f"cloudformation:{action}" for action in reads], resources=[stack]),
            iam.PolicyStatement(actions=["lambda:GetFunctionConfiguration"], resources=[rotation]),
        ]
        if operator.replaces_keys:
            readers = [
                self._functions.by_name[spec.name].function_arn for spec in self._functions.specs if spec.reads_secrets
            ]
            statements += [
                iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[rotation]),
                iam.PolicyStatement(
                    actions=[f"lambda:{action}" for action in _RESTARTS],
                    resources=[resource for arn in readers for resource in (arn, f"{arn}:*")],  # and their versions
                ),
                iam.PolicyStatement(
                    actions=["lambda:DeleteFunction"],
                    resources=[f"{arn}:*" for arn in readers],  # versions alone
                ),
            ]
        if self._functions.logouts and operator.announces_logouts:
            statements.append(self._functions.logouts.may_announce())
        return statements


def command_folder(python: str) -> Path:
    """The code of every operator's function: the commands, and the service models that they need besides."""
    data = Path(botocore.__file__).parent / "data"
    models = {
        f"{MODELS}/{path.relative_to(data)}": path.read_bytes()
        for service in _SERVICES
        for path in (data / service).rglob("*")
        if path.is_file() and not path.name.startswith(("examples", "completions"))
    }
    modules = {name: (ROOT / name).read_bytes() for name in _MODULES}
    return files_folder(ROOT, "function-operate", {**modules, **models}, python=python)
