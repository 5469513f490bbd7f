"""An operator who may only invoke functions: each command by its function, under its role."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import boto3
import pytest

from gatepost.accounts.removal import deactivate_user
from gatepost.audit_log import events as audit
from gatepost.audit_log.changes import Change
from gatepost.stores.record_keys import UserKey
from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment
from infra.stack.operators import OPERATORS
from tests.answers import redeem
from tests.flows.operated import Operated, busy, called, entries, request_ids
from tests.flows.rights import covers, fits
from tests.infra.rendered import Grant, grants
from tests.operating import operate
from tests.people import entered, new_administrator, new_client, new_person, stops


def by_function(operated: Operated, command: str, *arguments: str, typed: str = "") -> tuple[int, str]:
    return operate(command, "--stage", "local", "--", *arguments, typed=typed, **operated.environment)


def test_an_account_becomes_administrator_with_the_request_in_the_audit_list(operated: Operated) -> None:
    deployed = operated.deployment
    person = new_person(deployed)
    new_client(deployed, person)
    # A session that begins in the second of a deactivation is void, so it was deactivated a moment before.
    deactivate_user(deployed.store, person.user, now=time.time() - 2)

    said = by_function(operated, "admin", person.name)

    assert said == (0, f"{person.name} is an administrator now: {deployed.base_url}/developer/admin/users\n")
    (user,) = deployed.store.read(UserKey(person.user.user_id))
    assert user is not None
    assert (user.role, user.status) == ("administrator", "active")
    (entry,) = [each for each in entries(deployed, "user_rights_changed") if each["subject"]["S"] == person.name]
    assert entry["actor_name"]["S"] == "operator"
    assert entry["request_id"]["S"] in request_ids(deployed, "admin")
    page = entered(deployed, person).get("/developer/admin/audit").text
    assert f"request {entry['request_id']['S']}" in page


def test_an_account_is_put_into_groups_with_the_request_in_the_audit_list(operated: Operated) -> None:
    deployed = operated.deployment
    person = new_person(deployed)

    put = by_function(operated, "groups", person.name, "staff, editors")
    (user,) = deployed.store.read(UserKey(person.user.user_id))
    client = new_client(deployed, new_person(deployed))
    code, tokens = client.code(person), client.tokens(person)
    none = by_function(operated, "groups", person.name, "")

    assert put == (0, f"{person.name} is in editors, staff now.\n")
    assert user is not None
    assert (user.groups, user.role) == (("editors", "staff"), "user")
    assert none == (0, f"{person.name} is in no group now.\n")
    assert redeem(client, code).json()["error"] == "invalid_grant"
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    first, second = entries(deployed, "groups_changed")
    assert {first["request_id"]["S"], second["request_id"]["S"]} <= request_ids(deployed, "admin")


def test_a_user_is_exported_without_anything_that_opens_anything_and_erased_once_the_name_is_typed(
    operated: Operated,
) -> None:
    deployed = operated.deployment
    person, token = busy(deployed)

    code, text = by_function(operated, "export_user", person.name)

    assert code == 0, text
    found = json.loads(text)
    assert found["account"]["user_name"] == person.name
    assert len(found["sessions"]) == 3
    assert len(found["links_in_mails"]) == 1
    assert [each["reason"].split(".")[0] for each in found["problems_of_apps"]] == ["The secret is wrong"]
    assert "hash" not in text
    (entry,) = entries(deployed, "account_exported")
    assert entry["subject"]["S"] == person.name
    assert entry["request_id"]["S"] in request_ids(deployed, "export_user")

    deployed.store.set_user_rights(person.user.user_id, role="administrator")
    new_administrator(deployed)
    audit.record(
        *(deployed.store, deployed.settings, "app_changed"),
        now=time.time(),
        source_ip="192.0.2.7",
        actor=person.user,
        changes=(Change("name", "Shop", f"Shop of {person.name}"),),
    )

    refused = by_function(operated, "erase_user", person.name, typed="somebody\n")
    code, said = by_function(operated, "erase_user", person.name, typed=f"{person.name}\n")

    assert refused[0] == 1
    assert "Its apps are deleted too: " in refused[1]
    assert refused[1].endswith("That is not the user name: nothing was erased.\n")
    assert code == 0, said
    assert f"{person.name} is erased from the stage local.\n" in said
    assert "Point-in-time recovery and backups hold the data for as long as they reach back.\n" in said
    assert stops(deployed, token)
    database = deployed.client("dynamodb")
    kept = json.dumps([database.scan(TableName=name)["Items"] for name in deployed.tables.values()])
    assert person.name.casefold() not in kept.casefold()
    (entry,) = entries(deployed, "account_erased")
    assert entry["request_id"]["S"] in request_ids(deployed, "erase_user")


def test_a_leaked_key_ends_at_once(operated: Operated) -> None:
    deployed = operated.deployment
    person = new_person(deployed)
    client = new_client(deployed, person)
    tokens = client.tokens(person)

    code, said = by_function(operated, "leaked_key", "all")

    assert code == 0, said
    assert said.startswith("signing: Ended for good: ")
    assert "Every refresh token issued so far is revoked: users sign in again." in said
    assert stops(deployed, tokens["access_token"])
    assert client.introspect(tokens["refresh_token"]).json() == {"active": False}
    assert client.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    new = client.tokens(person)
    deployed.rotate("refresh")
    assert client.refresh(new["refresh_token"]).status_code == 200
    assert client.token(grant_type="client_credentials").status_code == 200
    requested = request_ids(deployed, "leaked_key")
    found = [each for each in entries(deployed, "keys_ended") if each.get("request_id", {}).get("S") in requested]
    assert sorted(entry["subject"]["S"] for entry in found) == ["refresh", "signing"]


@pytest.mark.parametrize(
    ("function", "event", "sentence"),
    [
        ("operate_admin", {"name": "nobody"}, r"There is no account nobody: register it at \S+ first\."),
        ("operate_admin", {}, "The event needs the text name."),
        ("operate_admin", ["name"], "The event needs the text name."),
        ("operate_admin", {"name": "nobody", "groups": "staff"}, "There is no account nobody."),
        ("operate_admin", {"name": "nobody", "groups": ["staff"]}, "groups is a text."),
        ("operate_export_user", {"name": " "}, "The event needs the text name."),
        ("operate_erase_user", {"name": "nobody"}, "There is no account nobody."),
        ("operate_leaked_key", {"secret": "other"}, "secret is one of signing, refresh or all."),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(
    operated: Operated, function: str, event: Any, sentence: str
) -> None:
    said = operated.deployment.invoke(function, event)

    assert set(said) == {"refused"}
    assert re.fullmatch(sentence, said["refused"])


def test_whoever_may_only_invoke_needs_no_right_on_a_table(operated: Operated) -> None:
    deployed = operated.deployment
    access = deployed.client("iam")
    function = deployed.functions["operate_admin"].config.arn
    stack = f"arn:aws:cloudformation:{REGION}:000000000000:stack/Gatepost-local/*"
    statements = [
        {"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": stack},
        {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": function},
    ]
    access.create_user(UserName="operator")
    access.put_user_policy(
        UserName="operator",
        PolicyName="invoke",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
    )
    key = access.create_access_key(UserName="operator")["AccessKey"]
    environment = {
        **operated.environment,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    person = new_person(deployed)

    allowed = operate("admin", "--stage", "local", "--", person.name, **environment)
    refused = operate("export_user", "--stage", "local", "--", person.name, **environment)

    assert allowed == (0, f"{person.name} is an administrator now: {deployed.base_url}/developer/admin/users\n")
    assert refused[0] == 1
    assert "not authorized to perform: lambda:InvokeFunction" in refused[1]


@pytest.mark.parametrize("function", [each.name for each in OPERATORS])
def test_a_role_grants_what_its_function_was_seen_to_use_and_nothing_else(operated: Operated, function: str) -> None:
    deployed = operated.deployment
    used = [called(deployed, call) for call in operated.calls if call.function == function]
    granted = {each for each in grants(dict(deployed.template), function) if not each.action.startswith("logs:")}

    assert [call for call in used if call.refused] == []
    assert [call for call in used if not any(fits(call, grant) for grant in granted)] == []
    unused = {grant for grant in granted if not any(fits(call, grant) for call in used)}
    assert {
        grant for grant in unused if grant.action == "lambda:DeleteFunction" or not grant.resource.endswith(":*")
    } == set()
    for grant in granted:
        keys = {key for call in used if fits(call, grant) for key in call.partitions}
        fitting = [each for each in grant.leading_keys if any(covers(each, key) for key in keys)]
        assert set(fitting) == set(grant.leading_keys), grant
        if grant.action in ("dynamodb:Scan", "dynamodb:UpdateItem"):
            names = {name for call in used if fits(call, grant) for name in call.attributes}
            assert set(grant.attributes) <= names, grant


def test_no_function_that_serves_requests_may_read_a_table_from_end_to_end(operated: Operated) -> None:
    template = dict(operated.deployment.template)
    scanning = {
        name
        for name in operated.deployment.functions
        if any(grant.action == "dynamodb:Scan" for grant in grants(template, name))
    }

    assert scanning == {"operate_export_user", "operate_erase_user"}
    for name in scanning:
        for grant in grants(template, name):
            assert grant.action != "dynamodb:Scan" or grant.attributes
            assert "password_hash" not in grant.attributes


def test_a_role_reads_no_hash_of_a_password(operated: Operated) -> None:
    deployed = operated.deployment
    given = deployed.cloud.role_credentials()(deployed.functions["operate_export_user"].config.role_arn)
    database = boto3.client(
        "dynamodb",
        endpoint_url=deployed.cloud.endpoint,
        region_name=REGION,
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=given["AWS_SESSION_TOKEN"],
    )
    accounts = deployed.tables["accounts"]
    with pytest.raises(database.exceptions.ClientError, match="AccessDenied"):
        database.scan(TableName=accounts)
    with pytest.raises(database.exceptions.ClientError, match="AccessDenied"):
        database.scan(TableName=accounts, Select="SPECIFIC_ATTRIBUTES", ProjectionExpression="pk, password_hash")
    database.scan(TableName=accounts, Select="SPECIFIC_ATTRIBUTES", ProjectionExpression="pk, link_hash")


def test_as_shipped_there_is_none(deployment: Deployment) -> None:
    assert {name for name in deployment.functions if name.startswith("operate")} == set()
    assert Grant("dynamodb:Scan", "accounts") not in grants(dict(deployment.template), "account")
