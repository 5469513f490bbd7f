"""The role of each function: what its specification says and nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gatepost.aws.invoking import LONGEST_CALL
from gatepost.http.guarded_fetch import MOST_SECONDS
from gatepost.settings import Settings, function_variable
from infra.stack import revoking
from infra.stack.access import TableAccess
from infra.stack.function_spec import FETCH, LOGO, FunctionSpec
from infra.stack.function_table import FUNCTIONS
from tests.infra.rendered import Grant, Template, functions, grants, of_type

TRACING = {Grant("xray:PutTraceSegments", "*"), Grant("xray:PutTelemetryRecords", "*")}
TAKES = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
EVERYTHING = Settings(
    issuer="https://id.example.test",
    openid=True,
    signed_userinfo=True,
    backchannel_logout=True,
    client_id_documents="open",
    dynamic_registration="token",
    mail_sender="id@example.com",
)


def deployed(template: Template) -> dict[str, FunctionSpec]:
    """What a template with these settings has, by name."""
    variables = functions(template)["authorizer"]["Environment"]["Variables"]
    settings = Settings.from_env(variables)
    return {spec.name: spec.deployed(settings) for spec in FUNCTIONS if spec.name in functions(template)}


@pytest.mark.parametrize("name", [spec.name for spec in FUNCTIONS])
def test_each_role_holds_what_its_specification_says_and_nothing_else(template: Template, name: str) -> None:
    spec = deployed(template)[name]
    assert grants(template, name) == {
        Grant("logs:CreateLogStream", "own logs"),
        Grant("logs:PutLogEvents", "own logs"),
        *TRACING,
        *(Grant(f"dynamodb:{action}", _place(each), each.leading_keys, each.attributes)
          for each in spec.tables for action in each.actions),
        *(Grant("secretsmanager:GetSecretValue", name) for name in spec.reads_secrets),
        *(Grant(f"secretsmanager:{action}", name) for name in spec.rotates_secrets
          for action in ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")),
        *(Grant("lambda:InvokeFunction", f"{name}:live") for name in spec.invokes),
        *([Grant("sqs:SendMessage", "logouts")] if spec.announces_logouts else []),
        *([Grant("sqs:SendMessage", "slow logouts")] if spec.takes_logouts else []),
        *(Grant(f"sqs:{action}", queue) for action in TAKES for queue in ("logouts", "slow logouts")
          if spec.takes_logouts),
    }  # fmt: skip


def test_the_policy_of_a_role_is_as_long_as_iam_takes(template: Template, plain_template: Template) -> None:
    """10,240 characters for all inline policies of a role, white space not counted; names as long as AWS makes them."""
    for rendered in (template, plain_template):
        for logical, role in of_type(rendered, "AWS::IAM::Role").items():
            written = json.dumps([policy["PolicyDocument"] for policy in role["Policies"]], separators=(",", ":"))
            named = re.sub(r'\{"(?:Fn::GetAtt|Ref)":[^{}]*\}', "x" * 120, written)
            assert len(re.sub(r"\s", "", named)) < 9_000, logical


def _place(access: TableAccess) -> str:
    return f"{access.table}/index/{access.index}" if access.index else access.table


@pytest.mark.parametrize("name", [FETCH, LOGO])
def test_s231_the_role_of_a_function_that_strangers_feed_reaches_nothing_but_its_log(
    template: Template, name: str
) -> None:
    assert grants(template, name) - TRACING == {
        Grant("logs:CreateLogStream", "own logs"),
        Grant("logs:PutLogEvents", "own logs"),
    }
    assert "VpcConfig" not in functions(template)[name]


def test_s231_only_functions_that_have_to_may_invoke_another_and_that_one_alone(template: Template) -> None:
    invoking = {
        name: grant
        for name in functions(template)
        for grant in grants(template, name)
        if grant.action.startswith("lambda:")
    }
    assert invoking == {  # authorize only with documents
        "backchannel_logout": Grant("lambda:InvokeFunction", "fetch:live"),
        "apps": Grant("lambda:InvokeFunction", "logo:live"),
    }
    permitted = json.dumps([each["FunctionName"] for each in of_type(template, "AWS::Lambda::Permission").values()])
    aliases = [each for each in of_type(template, "AWS::Lambda::Alias") if re.match("Functions(Fetch|Logo)Live", each)]
    assert [alias in permitted for alias in aliases] == [False, False]  # nobody else, the API neither


def test_a_function_that_fetches_waits_longer_than_the_fetch_takes() -> None:
    (fetch,) = (spec for spec in FUNCTIONS if spec.name == FETCH)

    assert MOST_SECONDS < fetch.timeout < LONGEST_CALL
    assert all(spec.timeout > LONGEST_CALL for spec in FUNCTIONS if spec.whole.invokes)


def test_without_anything_that_fetches_there_is_no_such_function(plain_template: Template) -> None:
    assert FETCH not in functions(plain_template)
    assert function_variable(FETCH) not in json.dumps(plain_template)


def test_only_functions_that_send_mail_may_and_only_as_the_configured_sender(
    template: Template, plain_template: Template
) -> None:
    sending = {spec.name for spec in FUNCTIONS if spec.sends_mail}
    place, sender = "arn:<Partition>:ses:<Region>:<AccountId>:identity/", "gatepost@mail.example.com"
    both = {Grant("ses:SendEmail", f"{place}{name}", sender=sender) for name in (sender, "mail.example.com")}
    assert sending
    for rendered, expected in ((plain_template, both), (template, set())):
        for name in functions(rendered):
            found = {grant for grant in grants(rendered, name) if grant.action.startswith("ses:")}
            assert found == (expected if name in sending else set()), name


def test_a_role_is_used_by_one_function_only(template: Template) -> None:
    roles = [str(each["Role"]) for each in functions(template).values()]
    assert len(set(roles)) == len(roles) == len(of_type(template, "AWS::IAM::Role"))
    assert not of_type(template, "AWS::IAM::Policy")
    assert not of_type(template, "AWS::IAM::ManagedPolicy")


def test_no_role_has_a_wildcard_but_for_tracing_and_none_may_scan_or_drop_a_table(
    template: Template, plain_template: Template
) -> None:
    for rendered, wild in ((template, TRACING), (plain_template, set())):
        for name in functions(rendered):
            found = grants(rendered, name)
            assert {grant for grant in found if "*" in grant.action + grant.resource} == wild
            refused = {f"dynamodb:{action}" for action in ("Scan", "DeleteTable", "UpdateTable", "BatchWriteItem")}
            assert not refused & {grant.action for grant in found}


def test_only_the_functions_that_sign_read_the_private_keys(template: Template) -> None:
    reading = {
        name
        for name in functions(template)
        if Grant("secretsmanager:GetSecretValue", "signing") in grants(template, name)
    }
    assert reading == {"consent", "token", "rotate_keys", "backchannel_logout"}
    assert {spec.name for spec in FUNCTIONS if "signing" in spec.whole.reads_secrets} - reading == {"userinfo"}


# setting: what a function has where it is on, and not where it is off
FEATURES: dict[str, tuple[dict[str, Any], dict[str, set[str]]]] = {
    "openid": (
        {"openid": True},
        {
            "authorize": {"sessions", "tokens"},
            "consent": {"sessions"},
            "userinfo": {"accounts", "apps"},
            "logout": {"accounts", "apps", "sessions", "tokens"},
        },
    ),
    "signed_userinfo": ({"openid": True, "signed_userinfo": True}, {"userinfo": {"signing"}}),
    "backchannel_logout": (
        {"openid": True, "backchannel_logout": True}, {"authorize": {"sessions"}, "consent": {"sessions"}}
    ),
    "client_id_documents": (
        {"client_id_documents": "open"},
        {"authorize": {"apps", "accounts", "audit", "fetch", "logo", "tokens"}},
    ),
    "dynamic_registration": (
        {"dynamic_registration": "open"}, {"register_app": {"apps", "accounts", "tokens", "audit"}}
    ),
    "initial access tokens": (
        {"dynamic_registration": "token"},
        {"register_app": {"apps", "accounts", "tokens", "audit"}, "admin": {"apps"}},
    ),
    "registration": ({"registration": "approval"}, {"registration": {"accounts", "sessions"}}),
    "mail": (
        {"mail_sender": "id@example.com"},
        {
            "registration": {"accounts", "sessions"},
            "recovery": {"accounts", "sessions", "tokens", "audit"},
            "account": {"accounts"},
            "admin": {"accounts"},
        },
    ),
    "grant_implicit": ({"grant_implicit": True}, {"consent": {"counts", "signing"}}),
    "grant_password": ({"grant_password": True}, {"token": {"accounts"}}),
}  # fmt: skip
OFF = Settings(issuer="https://id.example.test", registration="closed", grant_implicit=False, grant_password=False)


@pytest.mark.parametrize("feature", FEATURES)
def test_s372_functions_have_the_rights_of_a_feature_only_where_it_is_on(feature: str) -> None:
    changes, expected = FEATURES[feature]
    on = OFF._replace(**changes)
    before = OFF if feature not in ("signed_userinfo", "backchannel_logout") else OFF._replace(openid=True)

    found = {}
    for spec in FUNCTIONS:
        with_it, without = spec.deployed(on), spec.deployed(before)
        more = {access.table for access in set(with_it.tables) - set(without.tables)}
        more |= set(with_it.reads_secrets) - set(without.reads_secrets)
        more |= set(with_it.invokes) - set(without.invokes)
        found.update({spec.name: more} if more else {})
    assert found == expected


def test_s372_with_everything_off_strangers_meet_functions_that_can_do_nothing() -> None:
    specs = {spec.name: spec.deployed(OFF) for spec in FUNCTIONS}

    assert not any(specs[name].tables + specs[name].reads_secrets for name in ("register_app", "logout", "recovery"))
    assert specs["userinfo"].tables == (revoking.WATCH,)
    written = {action for access in specs["registration"].tables for action in access.actions}
    assert written == {"GetItem", "BatchGetItem", "PutItem"}  # the last one of the audit list
    assert all(spec.deployed(EVERYTHING) == spec.whole for spec in FUNCTIONS)


def test_every_function_that_ends_sessions_announces_it_and_no_other_does() -> None:
    """Consent removes requests, of the same table, and who tells the apps removes their sign-ins."""
    ending = {
        spec.name
        for spec in FUNCTIONS
        for each in spec.whole.tables
        if (each.table == "sessions" and "DeleteItem" in each.actions) or "sessions_valid_from" in each.attributes
    }
    assert ending - {"consent"} == {spec.name for spec in FUNCTIONS if spec.announces_logouts}


def test_a_function_knows_only_the_tables_and_secrets_that_it_may_touch(template: Template) -> None:
    for spec in deployed(template).values():
        variables = functions(template)[spec.name]["Environment"]["Variables"]
        named = {key for key in variables if re.match("GATEPOST_(TABLE|SECRET|FUNCTION)_", key)}
        assert named == {
            *(f"GATEPOST_TABLE_{access.table.upper()}" for access in spec.tables),
            *(f"GATEPOST_SECRET_{name.upper()}" for name in (*spec.reads_secrets, *spec.rotates_secrets)),
            *map(function_variable, spec.invokes),
        }
