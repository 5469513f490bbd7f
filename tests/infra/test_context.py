from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatepost.scope import Scope
from gatepost.settings import LONGEST_LEEWAY, LONGEST_LIFETIME
from gatepost.tokens.feed_parts import ANNOUNCED
from infra.configuration.allowed_values import RULES, BadContext
from infra.configuration.context import ROOT, configuration, read_configuration
from tests.infra.synthesized import EDGE, KEY, ORIGIN, OWN, TARGET, ZONE

SCOPES = {"scopes": {"read": "Read your data", "write": "Change your data"}}


def said(given: dict[str, Any]) -> str:
    with pytest.raises(BadContext) as caught:
        configuration({**SCOPES, **given})
    return str(caught.value)


def test_the_shipped_file_is_valid() -> None:
    shipped = read_configuration(ROOT / "cdk.json", {})
    assert set(shipped.settings["scopes"]) == {
        *("read", "write", "consumer", "consumer.apps", "consumer.grants", "consumer.account")
    }
    assert shipped.settings["default_scopes"] == Scope.of("read")
    assert shipped.demo is True


def test_an_unknown_key_is_named() -> None:
    assert said({"code_lifetme": 60}).startswith("cdk.json: gatepost.code_lifetme is not a setting; the settings are ")


NUMBERS = "a whole number from"
ROUTES = (
    "an object of routes, like POST /authorization/token, and for each a whole number from 1 to 100000 (requests a "
    "second)"
)
NAMES = "a name of 1 to 60 characters, a letter or a digit among them, and none that can't be seen"
MAILS = "an e-mail address whose domain is in lower case"
VALUES: list[tuple[str, Any, str]] = [
    ("code_lifetime", 601, f"{NUMBERS} 1 to 600 (seconds)"),
    ("access_token_lifetime", "3600", f"{NUMBERS} 1 to 86400 (seconds)"),
    ("access_token_lifetime", True, f"{NUMBERS} 1 to 86400 (seconds)"),
    ("audit_retention_days", 0, f"{NUMBERS} 1 to 3650 (days)"),
    ("service_name", "\u2014", NAMES),
    ("signing_algorithm", "HS256", "RS256 or ES256"),
    ("grant_implicit", "no", "true or false"),
    ("registration", "no", "open, approval or closed"),
    ("removal", "keep", "retain or destroy"),
    ("mail_sender", "Gatepost <gatepost@example.com>", MAILS),
    ("mail_identities", ["M <m@example.com>"], "a list of e-mail addresses and domains that SES has verified"),
    ("scope_implies", {"write": "read"}, "an object of scope names and the lists of scopes that they imply"),
    ("throttles", {"POST /authorization/token": 0}, ROUTES),
    ("feed_readers", ["me"], "a list of account ids of 12 digits"),
    ("tags", {"aws:x": "1"}, "an object of up to 50 names and texts, none that begins with aws:"),
    ("kms_key_arn", "alias/x", "the ARN of a key of KMS in the region of the stack"),
    ("permissions_boundary", "bounded", "the ARN of a managed policy of IAM"),
    ("edge_secret", "c", "a or b"),
    (
        "edge_certificate_arn",
        OWN["certificate_arn"],
        "the ARN of an ACM certificate in us-east-1, where CloudFront looks for it",
    ),
    (
        "edge_origin",
        f"https://{ORIGIN}",
        "the output ApiHost of the first stack: ID.execute-api.REGION.amazonaws.com",
    ),
]


@pytest.mark.parametrize(("name", "value", "allowed"), VALUES)
def test_a_bad_value_is_answered_with_what_is_allowed(name: str, value: Any, allowed: str) -> None:
    assert said({name: value}) == f"cdk.json: gatepost.{name} is {json.dumps(value)}; allowed is {allowed}."


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"removal": "destroy"}, "removal is destroy; allowed is retain while deletion_protection is true"),
    ({"scope_implies": {"write": ["read", "admin"]}}, "scope_implies holds admin; allowed is what `scopes` describes"),
    ({"default_scopes": ["admin"]}, "default_scopes holds admin; allowed is what `scopes` describes"),
    ({"revocation_poll": 90}, "revocation_max_stale is 60; allowed is 90 (revocation_poll) or more"),
    (
        {"throttles": {"POST /authorization/token": 500, "post /developer/login": 5, "GET /nowhere": 5}},
        "throttles holds GET /nowhere, post /developer/login; allowed are the routes that docs/reference.md lists",
    ),
    (
        {"domain_name": "auth.example.com"},
        "certificate_arn is missing; a domain_name needs the certificate that serves it",
    ),
    (
        {"mail_identities": ["example.com"]},
        "mail_sender is missing; mail_identities and mail_configuration_set are for the mail that it sends",
    ),
    ({"alarm_email": "ops@example.com"}, "alarms is false; allowed is true where an alarm_email is set"),
    (
        {"canary": ["token"]},
        "alarms is false; allowed is true where canary names functions: they roll back a new version",
    ),
    (
        {"snap_start": ["token"], "python": "3.11"},
        "python is 3.11; allowed is 3.12 or newer while snap_start names functions",
    ),
    (
        {"feed_readers": ["444455556666"], "kms_key_arn": KEY},
        "feed_readers names accounts; allowed is none while kms_key_arn encrypts the table that they would read",
    ),
    ({"edge": True}, "edge is true; it needs a domain_name and its edge_certificate_arn"),
    ({"edge_origin": ORIGIN}, "edge is false; edge_origin is for the edge"),
    ({"edge_only": True}, "edge is false; edge_only is for the edge"),
    ({"edge_secret": "b"}, "edge is false; edge_secret is for the edge"),
    ({**OWN, **ZONE, "edge_target": TARGET}, "edge is false; edge_target is for the edge"),
    (
        {**OWN, **EDGE, "edge_only": True},
        "edge_only is true; allowed is false while the API has the domain itself, by its certificate_arn",
    ),
    (
        {**EDGE, "edge_target": TARGET},
        "edge_target is for a record of hosted_zone_id that leads to the edge; both it and edge_origin are needed",
    ),
]


@pytest.mark.parametrize(("given", "sentence"), UNFIT)
def test_what_does_not_go_together_is_refused(given: dict[str, Any], sentence: str) -> None:
    assert said(given) == f"cdk.json: gatepost.{sentence}."


@pytest.mark.parametrize("name", ["canary", "snap_start"])
def test_only_functions_of_the_api_are_shifted_or_start_from_a_snapshot(name: str) -> None:
    api = f'{name} is ["rotate_keys"]; allowed is a list of functions of the API (authorize, consent, token, '
    assert said({"alarms": True, name: ["rotate_keys"]}).startswith(f"cdk.json: gatepost.{api}")


@pytest.mark.parametrize(
    "issuer",
    [
        "http://auth.example.com",
        "https://auth.example.com/",
        "https://auth.example.com?x=1",
        "https://auth.example.com#x",
        "https://user@auth.example.com",
        "http://localhost.example.com",
        "http://localhost@example.com",
        "auth.example.com",
        "https://",
        "https:///path",
        "https://example.com/tenant",
        "https://example.com:443",
        "https://example.com:99999",
        "https://Auth.example.com",
        "",
        7,
    ],
)
def test_an_issuer_that_no_client_may_trust_is_refused(issuer: object) -> None:
    assert said({"issuer": issuer}).endswith(
        "allowed is an https origin in lower case, without a path or slash at the end (http only for localhost)."
    )


@pytest.mark.parametrize("issuer", ["https://auth.example.com", "https://example.com:8443", "http://localhost:8080"])
def test_a_proper_issuer_is_taken(issuer: str) -> None:
    assert configuration({**SCOPES, "issuer": issuer}).fixed_issuer == issuer


@pytest.mark.parametrize("requests", [100_001, 1.5, True, "100", None])
def test_the_limit_of_a_route_is_a_whole_number_of_requests(requests: object) -> None:
    assert said({"throttles": {"POST /authorization/token": requests}}).startswith("cdk.json: gatepost.throttles is {")
    assert said({"throttles": [requests]}).startswith("cdk.json: gatepost.throttles is [")


@pytest.mark.parametrize("key", ["GET /demo/read", "OPTIONS /authorization/token"])
def test_a_route_that_only_some_stages_have_may_be_named(key: str) -> None:
    assert configuration({**SCOPES, "throttles": {key: 100_000}}).throttles == {key: 100_000}


@pytest.mark.parametrize("days", [2, 0, True, "30"])
def test_logs_are_kept_only_as_long_as_cloudwatch_can(days: object) -> None:
    assert "allowed is 1, 3, 5, 7, 14, 30, " in said({"log_retention_days": days})


@pytest.mark.parametrize("scopes", [{}, {"a b": "x"}, {"a,b": "x"}, {'"': "x"}, {"read": ""}, {"read": 1}, ["read"]])
def test_scopes_have_a_name_of_the_protocol_and_a_sentence(scopes: object) -> None:
    assert "gatepost.scopes" in said({"scopes": scopes, "default_scopes": []})


def test_a_null_counts_as_absent() -> None:
    assert configuration({**SCOPES, "issuer": None}).fixed_issuer == ""


def test_a_file_that_can_not_be_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "cdk.json"
    broken.write_text("{")
    with pytest.raises(BadContext, match=r"^cdk.json: the object `gatepost` of its context can't be read"):
        read_configuration(broken, {})


def test_settings_that_no_function_has_room_for_are_refused() -> None:
    scopes = {f"scope-{number}": "x" * 100 for number in range(40)}

    assert "the environment of a function has room for" in said({"scopes": scopes})


def test_an_answer_of_the_authorizer_is_not_kept_beyond_the_shortest_token() -> None:
    assert "the shortest lifetime of an access token" in said(
        {"authorizer_cache_seconds": 60, "implicit_token_lifetime": 30}
    )


def test_no_token_that_may_be_set_outlives_what_is_kept_of_revocations_and_keys() -> None:
    for name in ("access_token_lifetime", "implicit_token_lifetime"):
        assert [RULES[name].allows(LONGEST_LIFETIME - LONGEST_LEEWAY + more) for more in (0, 1)] == [True, False]
    assert not RULES["clock_leeway"].allows(LONGEST_LEEWAY)
    assert not RULES["replication_lag"].allows(ANNOUNCED - 3600 - 300)


def test_a_bad_value_of_the_file_is_named_also_where_something_goes_over_it(tmp_path: Path) -> None:
    path = tmp_path / "cdk.json"
    path.write_text(json.dumps({"context": {"gatepost": {**SCOPES, "demo": "yes"}}}))

    with pytest.raises(BadContext, match=r"gatepost\.demo is"):
        read_configuration(path, {"CDK_CONTEXT_JSON": json.dumps({"gatepost.demo": True})})
