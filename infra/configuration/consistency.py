"""Checks of the context that involve several keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatepost.edge.origin_secret import SLOTS
from gatepost.routes import PREFLIGHTS, ROUTES
from gatepost.scope import Scope
from gatepost.settings import Settings
from infra.configuration.allowed_values import BadContext
from infra.configuration.resources import resource_problems, settings_of
from infra.configuration.scopes import undescribed

# Lambda's limit is 4,096 bytes; the rest is for names of tables and secrets, and for the log.
_LARGEST_ENVIRONMENT = 3_200
_LONGEST_SCOPE = 1_000


def _settings_of(values: Mapping[str, Any]) -> Settings:
    """Return the settings of the functions, with an issuer as long as API Gateway's longest."""
    names = set(Settings._fields)
    known = {name: value for name, value in values.items() if name in names}
    known |= settings_of(values["scopes"], values["resources"])
    issuer = values.get("issuer") or "https://0123456789.execute-api.ap-southeast-1.amazonaws.com"
    return Settings(**{**known, "issuer": issuer, "default_scopes": Scope(values["default_scopes"])})


_OF_THE_EDGE = ("edge_certificate_arn", "edge_origin", "edge_only", "edge_name", "edge_target")


def _edge_problems(values: Mapping[str, Any]) -> tuple[tuple[object, str], ...]:
    """With the edge the domain is CloudFront's; without it nothing of the edge may be said."""
    told = [name for name in _OF_THE_EDGE if values[name]]
    told += ["edge_secret"] if values["edge_secret"] != SLOTS[0] else []
    return (
        (
            values["edge_only"] and values["certificate_arn"],
            "edge_only is true; allowed is false while the API has the domain itself, by its certificate_arn",
        ),
        (
            values["edge"] and values["edge_target"] and not (values["edge_origin"] and values["hosted_zone_id"]),
            "edge_target is for a record of hosted_zone_id that leads to the edge; both it and edge_origin are needed",
        ),
        (
            values["edge"] and not (values["domain_name"] and values["edge_certificate_arn"]),
            "edge is true; it needs a domain_name and its edge_certificate_arn",
        ),
        (not values["edge"] and told, f"edge is false; {' and '.join(told)} is for the edge"),
    )


def check_relations(values: Mapping[str, Any]) -> None:
    """Check the relations between keys. `values` holds every key. Raises BadContext."""
    bare = undescribed(values["scopes"])
    offered = {*values["scopes"], *(name for each in values["resources"].values() for name in each["scopes"])}
    unknown = sorted(set(values["default_scopes"]) - offered)
    declared = values["scope_implies"]
    implied = sorted({*declared, *(name for names in declared.values() for name in names)} - offered)
    shortest = min(values["access_token_lifetime"], values["implicit_token_lifetime"])
    routes = {route.key for route in (*ROUTES, *PREFLIGHTS)}  # HEAD goes by the limits of GET
    nowhere = sorted(set(values["throttles"]) - routes)
    told = sum(len(name) + len(text) for name, text in _settings_of(values).to_env().items())
    problems = (
        (
            len(" ".join(values["default_scopes"])) > _LONGEST_SCOPE,
            f"default_scopes is longer than {_LONGEST_SCOPE} characters together",
        ),
        (
            told > _LARGEST_ENVIRONMENT,
            (
                f"scopes, resources and the other settings take {told} bytes; the environment of a function has room "
                f"for {_LARGEST_ENVIRONMENT}"
            ),
        ),
        (
            values["authorizer_cache_seconds"] > shortest,
            (
                f"authorizer_cache_seconds is {values['authorizer_cache_seconds']}; "
                f"allowed is up to {shortest}, the shortest lifetime of an access token"
            ),
        ),
        (unknown, f"default_scopes holds {', '.join(unknown)}; allowed is what `scopes` describes"),
        (
            implied,
            f"scope_implies holds {', '.join(implied)}; allowed is what `scopes` describes",
        ),
        (not values["scopes"], "scopes is missing; allowed is an object of at least one name and its sentence"),
        (
            bare,
            f"scopes holds {', '.join(bare)} without a description; a stage changes only what is described",
        ),
        (
            values["revocation_max_stale"] < values["revocation_poll"],
            (
                f"revocation_max_stale is {values['revocation_max_stale']}; "
                f"allowed is {values['revocation_poll']} (revocation_poll) or more"
            ),
        ),
        (
            values["refresh_token_idle_lifetime"] > values["refresh_token_lifetime"],
            (
                f"refresh_token_idle_lifetime is {values['refresh_token_idle_lifetime']}; "
                f"allowed is up to {values['refresh_token_lifetime']} (refresh_token_lifetime)"
            ),
        ),
        (
            values["domain_name"] and not values["edge"] and not values["certificate_arn"],
            "certificate_arn is missing; a domain_name needs the certificate that serves it",
        ),
        *((True, sentence) for sentence in resource_problems(values)),
        *_edge_problems(values),
        (
            values["alarm_email"] and not values["alarms"],
            "alarms is false; allowed is true where an alarm_email is set",
        ),
        (
            not values["mail_sender"] and (values["mail_identities"] or values["mail_configuration_set"]),
            "mail_sender is missing; mail_identities and mail_configuration_set are for the mail that it sends",
        ),
        (
            values["feed_readers"] and values["kms_key_arn"],
            "feed_readers names accounts; allowed is none while kms_key_arn encrypts the table that they would read",
        ),
        (nowhere, f"throttles holds {', '.join(nowhere)}; allowed are the routes that docs/reference.md lists"),
        (
            values["canary"] and not values["alarms"],
            "alarms is false; allowed is true where canary names functions: they roll back a new version",
        ),
        (
            values["snap_start"] and values["python"] == "3.11",
            "python is 3.11; allowed is 3.12 or newer while snap_start names functions",
        ),
        (
            not values["domain_name"] and (values["certificate_arn"] or values["hosted_zone_id"]),
            "domain_name is missing; certificate_arn and hosted_zone_id are for a custom domain",
        ),
        (
            values["deletion_protection"] and values["removal"] == "destroy",
            "removal is destroy; allowed is retain while deletion_protection is true",
        ),
    )
    for wrong, sentence in problems:
        if wrong:
            raise BadContext(f"cdk.json: gatepost.{sentence}.")
