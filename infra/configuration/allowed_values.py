"""The allowed values of each key of the context, as a sentence and as a check."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gatepost.claims import ACCOUNT, RESERVED
from gatepost.edge.origin_secret import SLOTS
from gatepost.resource import is_issuer
from gatepost.routes import TOKEN
from gatepost.settings import AUDIENCE
from infra.configuration.names import READABLE, is_name
from infra.configuration.resources import ALLOWED as RESOURCES_ALLOWED
from infra.configuration.resources import are_resources
from infra.configuration.scopes import ALLOWED, are_scopes, is_scope_name
from infra.stack.function_table import FUNCTIONS

# The values that CloudWatch Logs accepts (PutRetentionPolicy).
RETENTIONS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
_FUNCTION_NAMES = tuple(spec.name for spec in FUNCTIONS)
# Nobody waits for a rotation, its keys should come from a process that never was a snapshot, and a tenth of its few
# calls would tell nothing of a new version.
_SERVING = tuple(spec.name for spec in FUNCTIONS if spec.serves)


class BadContext(Exception):
    """The configuration in `cdk.json` can't be deployed; the text is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The allowed values of a key: `allowed` completes "allowed is ..."."""

    allowed: str
    allows: Callable[[Any], bool]
    text: bool = False


def _number(low: int, high: int, unit: str = "") -> Rule:
    return Rule(
        f"a whole number from {low} to {high}" + (f" ({unit})" if unit else ""),
        lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high,
    )


def _seconds(low: int, high: int) -> Rule:
    return _number(low, high, "seconds")


def _choice(*values: str | int) -> Rule:
    listed = ", ".join(map(str, values[:-1])) + f" or {values[-1]}"
    return Rule(
        listed,
        lambda value: not isinstance(value, bool) and value in values,
        text=all(isinstance(value, str) for value in values),
    )


def _text(pattern: str, allowed: str) -> Rule:
    return Rule(allowed, lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None, text=True)


def _are_implied(value: object) -> bool:
    return isinstance(value, dict) and all(
        is_scope_name(name) and isinstance(implied, list) and all(map(is_scope_name, implied))
        for name, implied in value.items()
    )


def _are_origins(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(each, str) and re.fullmatch(r"https?://[a-z0-9.-]+(:\d+)?", each) for each in value
    )


def _are_identities(value: object) -> bool:
    identity = rf"([A-Za-z0-9._%+-]{{1,64}}@)?{_HOST}"
    return isinstance(value, list) and all(isinstance(each, str) and re.fullmatch(identity, each) for each in value)


def _are_domains(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and re.fullmatch(_DOMAIN, each) for each in value)


def _are_tags(value: object) -> bool:
    return (
        isinstance(value, dict)
        and len(value) <= 50
        and all(
            isinstance(text, str) and len(text) <= 256 and re.fullmatch(r"(?!(?i:aws:))[\w .:/=+@-]{1,128}", name)
            for name, text in value.items()
        )
    )


def _are_accounts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and re.fullmatch(r"\d{12}", each) for each in value)


def _are_reservations(value: object) -> bool:
    return isinstance(value, dict) and all(
        name in _FUNCTION_NAMES and isinstance(n, int) and not isinstance(n, bool) and n >= 0
        for name, n in value.items()
    )


def _are_throttles(value: object) -> bool:
    return isinstance(value, dict) and all(_REQUESTS.allows(requests) for requests in value.values())


def _are_serving(value: object) -> bool:
    return isinstance(value, list) and all(name in _SERVING for name in value) and len(set(value)) == len(value)


def _is_claim(value: object) -> bool:
    return (
        isinstance(value, str)
        and re.fullmatch(r"[A-Za-z][A-Za-z0-9_.:/-]{0,99}", value) is not None
        and value not in RESERVED | ACCOUNT
    )


_REQUESTS = _number(1, 100_000, "requests a second")
_SWITCH = Rule("true or false", lambda value: isinstance(value, bool))
_DAY = 86400
_ISSUER_SENTENCE = "an https origin in lower case, without a path or slash at the end (http only for localhost)"
_HOST = r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+"
_DOMAIN = rf"(\*\.)?{_HOST}|localhost"

RULES: Mapping[str, Rule] = {
    # Passed to the functions
    "issuer": Rule(_ISSUER_SENTENCE, is_issuer, text=True),
    "audience": _text(AUDIENCE, "a URL or name of up to 200 characters without spaces"),
    "service_name": Rule(f"a name of 1 to 60 characters, {READABLE}", is_name, text=True),
    "support_contact": _text(r".{0,200}", "an address or a sentence of up to 200 characters"),
    "scopes": Rule(ALLOWED, are_scopes),
    "default_scopes": Rule(
        "a list of scope names", lambda value: isinstance(value, list) and all(map(is_scope_name, value))
    ),
    "resources": Rule(RESOURCES_ALLOWED, are_resources),
    "scope_implies": Rule("an object of scope names and the lists of scopes that they imply", _are_implied),
    "signing_algorithm": _choice("RS256", "ES256"),
    "openid": _SWITCH,
    "backchannel_logout": _SWITCH,
    "signed_userinfo": _SWITCH,
    "groups_claim": Rule("the name of a claim that no standard reserves, like groups", _is_claim, text=True),
    "client_id_documents": _choice("closed", "approval", "open"),
    "client_id_document_domains": Rule("a list of hosts, as example.com or *.example.com", _are_domains),
    "explain_to_public_apps": _SWITCH,
    "grant_implicit": _SWITCH,
    "grant_password": _SWITCH,
    "code_lifetime": _seconds(1, 600),
    "access_token_lifetime": _seconds(1, _DAY),
    "implicit_token_lifetime": _seconds(1, _DAY),
    "refresh_token_lifetime": _seconds(1, 3650 * _DAY),
    "refresh_token_idle_lifetime": _seconds(1, 3650 * _DAY),
    "refresh_retry_window": _seconds(0, 60),
    "session_lifetime": _seconds(1, 90 * _DAY),
    "consent_lifetime": _seconds(1, 3600),
    "revocation_poll": _seconds(0, 300),
    "feed_parts": _number(-1, 64),
    "replication_lag": _seconds(0, 600),
    "revocation_max_stale": _seconds(1, 3600),
    "published_revocations": _SWITCH,
    "key_activation_delay": _seconds(600, _DAY),
    "clock_leeway": _seconds(0, 60),
    "app_cache_seconds": _seconds(0, 60),
    "aws_client": _choice("own", "boto3"),
    "dynamic_registration": _choice("closed", "token", "open"),
    "registrations_per_network": _number(1, 100_000),
    "registrations_per_hour": _number(1, 1_000_000),
    "registered_app_idle_lifetime": _seconds(3600, 3650 * _DAY),
    "registration": _choice("open", "approval", "closed"),
    "mail_sender": _text(rf"[A-Za-z0-9._%+-]{{1,64}}@{_HOST}", "an e-mail address whose domain is in lower case"),
    "mail_configuration_set": _text(r"[A-Za-z0-9_-]{1,64}", "the name of a configuration set of SES"),
    "audit_retention_days": _number(1, 3650, "days"),
    "app_approval": _SWITCH,
    "apps_per_user": _number(1, 1000),
    "password_min_length": _number(8, 64),
    "bcrypt_cost": _number(4, 16),
    "attempts_free": _number(1, 100),
    "attempts_max_wait": _seconds(1, _DAY),
    "network_attempts_free": _number(1, 1_000_000),
    "network_attempts_max_wait": _seconds(1, _DAY),
    "mails_per_address": _number(1, 100),
    "mails_per_network": _number(1, 100_000),
    # For the stack only
    "claims": _text(r"[^/\0][^\0]{0,199}", "the folder of claims.py, relative to cdk.json"),
    "stage": _text(r"[a-z][a-z0-9-]{0,19}", "a name of up to 20 lower-case letters, digits and hyphens"),
    "domain_name": _text(_HOST, "a host name in lower case"),
    "certificate_arn": _text(r"arn:aws[a-z-]*:acm:.+", "the ARN of an ACM certificate in the region of the stack"),
    "hosted_zone_id": _text(r"Z[A-Z0-9]+", "the id of a hosted zone of Route 53"),
    "edge": _SWITCH,
    "edge_certificate_arn": _text(
        r"arn:aws[a-z-]*:acm:us-east-1:.+", "the ARN of an ACM certificate in us-east-1, where CloudFront looks for it"
    ),
    "edge_origin": _text(
        r"[a-z0-9]+\.execute-api\.[a-z0-9-]+(\.[a-z0-9-]+)+",
        "the output ApiHost of the first stack: ID.execute-api.REGION.amazonaws.com",
    ),
    "edge_target": _text(
        r"[a-z0-9]+\.cloudfront\.net", "the output DnsTarget of the edge's stack: NAME.cloudfront.net"
    ),
    "edge_name": _text(r"[A-Za-z][A-Za-z0-9-]{0,45}", "a name of up to 46 letters, digits and hyphens"),
    "edge_rate_limit": _number(10, 2_000_000_000, "requests of one address in five minutes"),
    "edge_only": _SWITCH,
    "edge_secret": _choice(*SLOTS),
    "mail_identities": Rule("a list of e-mail addresses and domains that SES has verified", _are_identities),
    "cors_origins": Rule("a list of origins like https://app.example.com", _are_origins),
    "demo": _SWITCH,
    "authorizer_cache_seconds": _seconds(0, 60),
    "log_level": _choice("DEBUG", "INFO", "WARNING", "ERROR"),
    "log_retention_days": _choice(*RETENTIONS),
    "tracing": _SWITCH,
    "use_fips_endpoint": _SWITCH,
    "use_dualstack_endpoint": _SWITCH,
    "deletion_protection": _SWITCH,
    "first_deployment": _SWITCH,
    "removal": _choice("retain", "destroy"),
    "termination_protection": _SWITCH,
    "kms_key_arn": _text(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+", "the ARN of a key of KMS in the region of the stack"
    ),
    "permissions_boundary": _text(r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/.+", "the ARN of a managed policy of IAM"),
    "tags": Rule("an object of up to 50 names and texts, none that begins with aws:", _are_tags),
    "feed_readers": Rule("a list of account ids of 12 digits", _are_accounts),
    "architecture": _choice("arm64", "x86_64"),
    "python": _text(r"3\.1[1-4]", "a Python of Lambda, 3.11 to 3.14"),
    "key_rotation_days": _number(1, 1000, "days"),
    "point_in_time_recovery": _SWITCH,
    "alarms": _SWITCH,
    "operator_functions": _SWITCH,
    "alarm_email": _text(r"[^\s@]{1,64}@[^\s@]{1,255}", "an e-mail address"),
    "snap_start": Rule(f"a list of functions of the API ({', '.join(_SERVING)})", _are_serving),
    "canary": Rule(f"a list of functions of the API ({', '.join(_SERVING)})", _are_serving),
    "reserved_concurrency": Rule(f"an object of numbers by function ({', '.join(_FUNCTION_NAMES)})", _are_reservations),
    "throttle_scale": _number(1, 1000),
    "throttles": Rule(f"an object of routes, like {TOKEN.key}, and for each {_REQUESTS.allowed}", _are_throttles),
}
