"""The stack: tables, keys, API, functions, in the order in which they need each other."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import CfnOutput, DefaultStackSynthesizer, Stack
from constructs import Construct

from gatepost.stores.tables import TABLES
from infra.api import Api
from infra.context import ROOT, Configuration
from infra.domain import Domain
from infra.functions import FUNCTIONS
from infra.keys import Keys
from infra.lambdas import Functions
from infra.tables import Tables

STACK_NAME = "Gatepost"


class GatepostStack(Stack):
    """One Gatepost."""

    def __init__(
        self, scope: Construct, *, configuration: Configuration, functions_folder: Path = ROOT / "functions"
    ) -> None:
        """Build the resources of the configuration."""
        super().__init__(
            scope,
            STACK_NAME,
            description="Gatepost, an OAuth 2.0 authorization server",
            # The rule reads an SSM parameter in the template; the CLI checks the same before it deploys.
            synthesizer=DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
            analytics_reporting=False,
        )
        tables = Tables(self, "Tables", configuration=configuration)
        keys = Keys(self, "Keys", configuration=configuration)
        api = Api(self, "Api", configuration=configuration)
        issuer = configuration.fixed_issuer or api.url
        settings = configuration.settings_for(issuer)
        functions = Functions(
            self,
            "Functions",
            configuration=configuration,
            settings=settings,
            tables=tables,
            keys=keys,
            functions_folder=functions_folder,
        )
        for spec in FUNCTIONS:
            if spec.rotates_secrets:
                keys.rotate_through(functions.by_name[spec.name], spec.rotates_secrets)
        stage = api.serve(functions.by_name, cache_seconds=settings.authorizer_cache_seconds)

        self._output("Issuer", issuer)
        self._output("BaseUrl", f"https://{configuration.domain_name}" if configuration.domain_name else api.url)
        if configuration.domain_name:
            domain = Domain(self, "Domain", configuration=configuration, stage=stage)
            self._output("DnsTarget", domain.target)
        for table in TABLES:
            self._output(f"Table{table.name.capitalize()}", tables.by_name[table.name].table_name)

    def _output(self, name: str, value: str) -> None:
        CfnOutput(self, name, value=value)
