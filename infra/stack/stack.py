"""The main stack: tables, keys, API and functions, in the order of their dependencies."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import CfnOutput, DefaultStackSynthesizer, Fn, Stack
from constructs import Construct

from gatepost.stores.schema import TABLES
from infra.configuration.context import ROOT, Configuration
from infra.stack.account import hold, of_the_account
from infra.stack.api import Api
from infra.stack.canary import WATCHED, Canary
from infra.stack.domain import Domain
from infra.stack.function_table import FUNCTIONS
from infra.stack.functions import Functions
from infra.stack.logouts import Logouts
from infra.stack.monitoring.observability import Observability
from infra.stack.secrets import Keys
from infra.stack.tables import Tables

TEMPLATE = "Gatepost"  # cdk.out/Gatepost.template.json, whatever the stage


class GatepostStack(Stack):
    """A Gatepost deployment."""

    def __init__(
        self, scope: Construct, *, configuration: Configuration, functions_folder: Path = ROOT / "functions"
    ) -> None:
        """Create the resources of the configuration."""
        super().__init__(
            scope,
            TEMPLATE,
            stack_name=configuration.stack_name,
            description="Gatepost, an OAuth 2.0 authorization server",
            # The rule reads an SSM parameter in the template; the CLI checks the same before it deploys.
            synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
            analytics_reporting=False,
            **of_the_account(configuration),
        )
        hold(self, configuration)
        tables = Tables(self, "Tables", configuration=configuration)
        keys = Keys(self, "Keys", configuration=configuration)
        api = Api(self, "Api", configuration=configuration)
        issuer = configuration.fixed_issuer or api.url
        settings = configuration.settings_for(issuer)
        logouts = Logouts(self, "Logouts") if settings.tells_of_logouts else None
        functions = Functions(
            self,
            "Functions",
            configuration=configuration,
            settings=settings,
            tables=tables,
            keys=keys,
            logouts=logouts,
            functions_folder=functions_folder,
        )
        self._call(functions, keys, logouts)
        if configuration.operator_functions:
            from infra.stack.operator_lambdas import OperatorFunctions
            from infra.tools.operator.remote import output_of  # imports boto3, which no other synthesis needs

            operators = OperatorFunctions(
                self, "Operators", configuration=configuration, functions=functions, tables=tables.by_name
            )
            for name, function in operators.by_name.items():
                self._output(output_of(name), function.function_name)
        stage = api.serve(functions.invoked, cache_seconds=settings.authorizer_cache_seconds)
        if configuration.alarms:
            watched = Observability(
                self,
                "Observability",
                configuration=configuration,
                api_id=api.resource.ref,
                functions={name: each.function_name for name, each in functions.by_name.items()},
                tables={name: each.table_name for name, each in tables.by_name.items()},
                logouts=(logouts.queue.queue_name, logouts.untold.queue_name) if logouts else None,
            )
            self._output("AlarmTopic", watched.topic)
            if configuration.canary:
                shifted = {name: functions.invoked[name] for name in configuration.canary if name in functions.invoked}
                alarms = [name for each in WATCHED for name in watched.names[each]]
                Canary(self, "Canary", aliases=shifted, alarms=alarms)

        self._output("Issuer", issuer)
        self._output("BaseUrl", f"https://{configuration.domain_name}" if configuration.domain_name else api.url)
        self._output("ApiHost", Fn.select(2, Fn.split("/", api.url)))
        if configuration.serves_domain or configuration.keeps_record:
            domain = Domain(self, "Domain", configuration=configuration, stage=stage)
            if domain.target:
                self._output("DnsTarget", domain.target)
        for table in TABLES:
            self._output(f"Table{table.name.capitalize()}", tables.by_name[table.name].table_name)

    def _call(self, functions: Functions, keys: Keys, logouts: Logouts | None) -> None:
        """Let AWS call the functions that no request comes to."""
        for spec in FUNCTIONS:
            if spec.rotates_secrets:
                keys.rotate_through(functions.invoked[spec.name], spec.rotates_secrets)
                self._output("RotationFunction", functions.by_name[spec.name].function_name)
            if logouts and spec.takes_logouts:
                logouts.deliver_to(functions.invoked[spec.name])
                self._output("LogoutQueue", logouts.queue.queue_url)

    def _output(self, name: str, value: str) -> None:
        CfnOutput(self, name, value=value)
