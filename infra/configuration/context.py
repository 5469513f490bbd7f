"""The configuration in `cdk.json`: the object `gatepost` of its context, typed and checked before anything is built.

Three layers, each overriding the one before: the keys beside `stages`, those of the chosen stage, and the command line.
All stages are checked, not only the chosen one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from gatepost.edge.origin_secret import SLOTS
from gatepost.scope import Scope
from gatepost.settings import Settings
from infra.configuration.allowed_values import RULES, BadContext
from infra.configuration.consistency import check_relations
from infra.configuration.resources import settings_of
from infra.configuration.scopes import laid_over

ROOT = Path(__file__).resolve().parents[2]
_PREFIX = "gatepost."
_DEFAULT_STAGE = "dev"
EDGE_REGION = "us-east-1"  # of CloudFront's web ACL, certificate and secret, whatever the region of the rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A deployment: the functions' settings (`settings`), and those of the stack only."""

    settings: Mapping[str, Any]  # arguments of Settings, all but the issuer
    stage: str = _DEFAULT_STAGE  # part of the stack's name
    claims: str = ""  # the folder of a claims.py for tokens and userinfo; empty: there is none
    issuer: str = ""  # empty: the custom domain, or the URL that API Gateway assigns
    domain_name: str = ""
    certificate_arn: str = ""
    hosted_zone_id: str = ""  # of Route 53; empty: the DNS record is created by hand
    edge: bool = False  # CloudFront and WAF in front of the API, in a stack of their own
    edge_certificate_arn: str = ""  # of the domain, in us-east-1
    edge_origin: str = ""  # the output ApiHost of the first stack
    edge_target: str = ""  # the output DnsTarget of the edge; then the first stack lets its record point there
    edge_rate_limit: int = 2000  # requests of one address in five minutes
    edge_only: bool = False  # refuse what did not come by the edge
    edge_name: str = ""  # of the edge's stack and secret; empty: with the region in it
    edge_secret: str = SLOTS[0]  # or the other: which value of the edge's secret CloudFront sends
    mail_identities: tuple[str, ...] = ()  # of SES; empty: the sender's address and its domain
    cors_origins: tuple[str, ...] = ()
    demo: bool = False
    log_level: str = "INFO"
    log_retention_days: int = 30
    tracing: bool = True
    use_fips_endpoint: bool = False  # of the services that the functions call
    use_dualstack_endpoint: bool = False
    deletion_protection: bool = True
    first_deployment: bool = False  # makes the stack: tables without that protection, so that it can be rolled back
    removal: str = "retain"  # or destroy: what happens to tables and secrets when the stack is deleted
    termination_protection: bool = False  # of the stacks
    kms_key_arn: str = ""  # of tables, secrets, logs and topic; empty: keys of AWS
    permissions_boundary: str = ""  # the ARN of a policy that bounds every role
    tags: Mapping[str, str] = field(default_factory=dict)
    feed_readers: tuple[str, ...] = ()  # accounts whose authorizers may read keys and revocations
    architecture: str = "arm64"  # or x86_64
    python: str = "3.13"
    key_rotation_days: int = 30
    point_in_time_recovery: bool = True
    alarms: bool = False  # alarms, their topic and dashboard, and the metrics for them
    alarm_email: str = ""
    operator_functions: bool = False  # functions that do an operator's work, for those without rights on tables
    snap_start: tuple[str, ...] = ()  # functions that start from a snapshot
    canary: tuple[str, ...] = ()  # functions whose new version gets a tenth of the calls first
    reserved_concurrency: Mapping[str, int] = field(default_factory=dict)
    throttle_scale: int = 1  # multiplies the rate and burst of every route that `throttles` does not name
    throttles: Mapping[str, int] = field(default_factory=dict)  # requests a second, by the key of the route

    @property
    def fixed_issuer(self) -> str:
        """The issuer if it is known before the deployment, else an empty string."""
        return self.issuer or (f"https://{self.domain_name}" if self.domain_name else "")

    @property
    def stack_name(self) -> str:
        """The stack's name, one per stage."""
        return f"Gatepost-{self.stage}"

    @property
    def serves_domain(self) -> bool:
        """Whether the API has the domain itself; beside an edge only until the domain leads there."""
        return bool(self.domain_name and self.certificate_arn)

    @property
    def keeps_record(self) -> bool:
        """Whether the domain's record is in the first stack; else it is in the edge's, or made by hand."""
        return bool(self.hosted_zone_id and (self.serves_domain or self.edge_target))

    @property
    def region(self) -> str:
        """The region of the API before which the edge is, or an empty string as long as that is not said."""
        return self.edge_origin.split(".")[2] if self.edge_origin else ""

    def edge_in(self, region: str) -> str:
        """The name of the edge's stack, and of the secret that it sends, in each region that has it.

        Both are in one region for all that a stage is deployed to: `region` is where the API is.
        """
        return self.edge_name or f"{self.stack_name}-edge-{region}"

    @property
    def service(self) -> str:
        """The only dimension of the custom metrics, so that two stages in one account have their own."""
        return f"gatepost-{self.stage}"

    def settings_for(self, issuer: str) -> Settings:
        """Return the settings of the functions for an issuer (it may be a token of CloudFormation)."""
        return Settings(issuer=issuer, **self.settings)


def read_configuration(path: Path, environ: Mapping[str, str]) -> Configuration:
    """Return the configuration in `cdk.json`, overridden by `cdk -c gatepost.KEY=VALUE`.

    CDK's command line passes its context in the variable `CDK_CONTEXT_JSON`. Raises BadContext.
    """
    try:
        given = json.loads(path.read_text())["context"]["gatepost"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadContext(f"{path.name}: the object `gatepost` of its context can't be read ({error}).") from error
    if not isinstance(given, dict):
        raise BadContext(f"{path.name}: `gatepost` of its context is not an object.")
    stages = _stages(given.pop("stages", {}))
    configuration(given)  # the file is checked even if it is overridden
    for name, values in stages.items():
        configuration({**laid_over(given, values), "stage": name})
    context = json.loads(environ.get("CDK_CONTEXT_JSON") or "{}")
    over = {key.removeprefix(_PREFIX): value for key, value in context.items() if key.startswith(_PREFIX)}
    parsed = {key: _parsed(key, value) for key, value in over.items()}
    chosen = {**given, **parsed}.get("stage") or _DEFAULT_STAGE
    if stages and chosen not in stages:
        raise BadContext(f"cdk.json: gatepost.stage is {json.dumps(chosen)}; allowed is {' or '.join(stages)}.")
    return configuration(laid_over({**laid_over(given, stages.get(chosen, {})), "stage": chosen}, parsed))


def _stages(given: object) -> Mapping[str, Mapping[str, Any]]:
    """Return the object `stages`, each value checked by itself. Raises BadContext."""
    if not isinstance(given, dict) or not all(isinstance(values, dict) for values in given.values()):
        raise BadContext("cdk.json: gatepost.stages is not an object of stages, each an object of settings.")
    for name, values in given.items():
        if "stage" in values:
            raise BadContext(f"cdk.json: gatepost.stages.{name}.stage is not allowed: the key is the stage's name.")
        check_settings(values, place=f"cdk.json: gatepost.stages.{name}.")
    return given


def configuration(given: Mapping[str, Any]) -> Configuration:
    """Return a checked configuration. Raises BadContext with a sentence that names the key and its allowed values.

    A key that is null counts as absent.
    """
    given = {key: value for key, value in given.items() if value is not None}
    check_settings(given, place="cdk.json: gatepost.")
    if "resources" in given:
        given["resources"] = {url: each for url, each in given["resources"].items() if each is not None}
    check_relations(_defaults() | dict(given))
    names = {*Settings._fields} - {"issuer"}
    settings = {key: value for key, value in given.items() if key in names}
    if "default_scopes" in settings:
        settings["default_scopes"] = Scope(settings["default_scopes"])
    if "client_id_document_domains" in settings:
        settings["client_id_document_domains"] = tuple(settings["client_id_document_domains"])
    settings |= settings_of(given["scopes"], given.get("resources", {}))
    settings["custom_claims"] = "claims" in given
    settings.setdefault("published_revocations", given.get("edge", False))  # which keeps a flood from the list
    own: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in given.items() if key not in names
    }
    return Configuration(settings=settings, **own)


def check_settings(given: Mapping[str, Any], *, place: str) -> None:
    """Raise BadContext, with a sentence that begins with `place`, for an unknown key or a value that is not allowed."""
    for key, value in given.items():
        rule = RULES.get(key)
        if rule is None:
            raise BadContext(f"{place}{key} is not a setting; the settings are {', '.join(sorted(RULES))}.")
        if value is not None and not rule.allows(value):
            raise BadContext(f"{place}{key} is {json.dumps(value)}; allowed is {rule.allowed}.")


def _defaults() -> dict[str, Any]:
    """Return the default of every key that has one."""
    values: dict[str, Any] = dict(Settings._field_defaults)
    for f in fields(Configuration):
        if f.default is not MISSING:
            values[f.name] = f.default
        elif f.default_factory is not MISSING:
            values[f.name] = f.default_factory()
    return values


def _parsed(key: str, value: object) -> object:
    """Parse a value of the command line, which is always text: as JSON, unless the key takes text."""
    rule = RULES.get(key)
    if not isinstance(value, str) or rule is None or rule.text:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value
