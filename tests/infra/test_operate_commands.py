"""The operator's commands `admin`, `groups`, `copy-table`, `registration-token` and `smoke` on local deployments."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from gatepost.audit_log.changes import changes_of
from gatepost.model.records import User
from gatepost.stores.audit_lists import user_list
from gatepost.stores.record_keys import LoginKey, UserKey
from infra.configuration.context import ROOT
from infra.local import running
from infra.local.aws.cloud import REGION
from infra.local.deployment import Deployment
from tests.http.registering import register
from tests.operating import account_of, operate
from tests.people import Person


def stored(deployment: Deployment, person: Person) -> User:
    (user,) = deployment.store.read(UserKey(person.user.user_id))
    assert isinstance(user, User)
    return user


def put(port: str, name: str, groups: str) -> tuple[int, str]:
    return operate("groups", "--port", port, "--", name, groups)


def test_an_account_is_put_into_groups_in_place_of_its_own(deployment: Deployment, person: Person, port: str) -> None:
    assert put(port, person.name.upper(), "staff editors") == (0, f"{person.name} is in editors, staff now.\n")
    assert put(port, person.name, "staff,board") == (0, f"{person.name} is in board, staff now.\n")
    assert (stored(deployment, person).groups, stored(deployment, person).role) == (("board", "staff"), "user")

    entries = deployment.store.entries(user_list(person.user.user_id), cursor=None, limit=9).items
    found = [(each.event, each.actor_name, changes_of(each)) for each in entries if each.event == "groups_changed"]
    assert sorted(found) == [
        ("groups_changed", "operator", (("group", "", "editors"), ("group", "", "staff"))),
        ("groups_changed", "operator", (("group", "editors", ""), ("group", "", "board"))),
    ]

    assert put(port, person.name, "") == (0, f"{person.name} is in no group now.\n")
    assert stored(deployment, person).groups == ()


def test_s218_a_malformed_group_is_said_in_a_sentence(deployment: Deployment, person: Person, port: str) -> None:
    assert put(port, person.name, 'staff","role":"admin') == (
        1,
        "A group is up to 64 letters, digits and . _ : / @ -\n",
    )
    assert stored(deployment, person).groups == ()


def test_no_name_and_an_unknown_one_are_said_in_a_sentence(deployment: Deployment, port: str) -> None:
    unknown = f"There is no account nobody: register it at {deployment.base_url}/developer/register first.\n"

    assert operate("admin", "--port", port, "--", "") == (2, "Whose account? For example: make admin NAME=maria\n")
    assert operate("admin", "--port", port, "--", "nobody") == (1, unknown)
    assert put(port, "", "staff") == (2, 'Whose groups? For example: make groups NAME=maria GROUPS="staff editors"\n')
    assert put(port, "nobody", "staff") == (1, "There is no account nobody.\n")


def test_where_nothing_runs_it_says_how_to_start() -> None:
    assert operate("admin", "--port", "9", "--", "maria") == (
        1,
        "Nothing runs on port 9: start it with `make run`, or name its port with PORT=...\n",
    )


def test_a_deployment_that_was_killed_is_not_found_and_forgotten_by_the_next(deployment: Deployment) -> None:
    left = ROOT / ".build/running/1.json"
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_text("{}")  # without the lock
    with pytest.raises(running.NothingRuns):
        running.find(1)
    with running.announced(deployment.running):
        assert not left.exists()
        assert running.find(deployment.running.port) == deployment.running
        mode = (ROOT / f".build/running/{deployment.running.port}.json").stat().st_mode
        assert mode & 0o777 == 0o600  # it holds a key
    with pytest.raises(running.NothingRuns):
        running.find(deployment.running.port)


def restored(deployment: Deployment, table: str, of: str) -> str:
    """Make another table as a restore makes it, and move the items there that hold a text; return its name."""
    database, name = deployment.client("dynamodb"), deployment.tables[table]
    described = database.describe_table(TableName=name)["Table"]
    keys = {each["AttributeName"] for each in described["KeySchema"]}
    copy = f"{table}-restored"
    database.create_table(
        TableName=copy,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=described["KeySchema"],
        AttributeDefinitions=[each for each in described["AttributeDefinitions"] if each["AttributeName"] in keys],
    )
    for page in database.get_paginator("scan").paginate(TableName=name):
        for item in page["Items"]:
            if of in json.dumps(item):
                database.put_item(TableName=copy, Item=item)
                database.delete_item(TableName=name, Key={key: item[key] for key in keys})
    return copy


def copy_table(port: str, *arguments: str, **environment: str) -> tuple[int, str]:
    return operate("copy_table", "--port", port, *arguments, **environment)


def test_what_a_table_lost_comes_back_from_another_one_of_its_region_or_a_named_one(
    deployment: Deployment, person: Person, port: str
) -> None:
    source = restored(deployment, "accounts", person.user.user_id)
    assert deployment.store.read(UserKey(person.user.user_id)) == (None,)
    told = ("--from", source, "--to", "accounts")

    first = copy_table(port, *told)
    again = copy_table(port, *told, "--from-region", REGION, **account_of(deployment))
    elsewhere = copy_table(port, *told, "--from-region", "eu-west-1", **account_of(deployment))

    said = f"accounts of the deployment on port {port}: {{}} items copied, {{}} left as they stand there, "
    rest = "0 not needed any more, 0 of users who were erased or deleted their account.\n"
    assert first == (0, said.format(2, 0) + rest)
    assert again == (0, said.format(0, 2) + rest)
    assert elsewhere == (1, "There is no table accounts-restored.\n")
    assert deployment.store.read(UserKey(person.user.user_id)) == (person.user,)
    assert deployment.store.read(LoginKey(person.name.casefold()))[0] is not None


def test_what_can_not_be_copied_is_said_in_a_sentence(deployment: Deployment, port: str) -> None:
    own, codes = deployment.tables["apps"], deployment.tables["codes"]
    ask = "From where to where? FROM is the name of a table in DynamoDB, TO is one of "
    usage = (2, f"{ask}apps, codes, tokens, accounts, sessions, audit, counts.\n")
    itself = f"{own} is the table apps of the deployment on port {port} itself.\n"

    assert copy_table(port, "--from", "", "--to", "apps") == usage
    assert copy_table(port, "--from", "x", "--to", "users") == usage
    assert copy_table(port, "--from", own, "--to", "apps") == (1, itself)
    assert copy_table(port, "--from", codes, "--to", "apps") == (1, f"{codes} has other keys than apps: code_hash.\n")
    assert copy_table(port, "--from", "nothing", "--to", "apps") == (1, "There is no table nothing.\n")


def test_an_operator_makes_a_token_for_registrations(whole: Deployment) -> None:
    code, said = operate("registration_token", "--port", str(whole.running.port), "--", "2", "7")

    token, sentence, _ = said.split("\n")
    endpoint = f"{whole.base_url}/authorization/register"
    assert code == 0
    assert (
        sentence == f"It is good for 2 apps and 7 days, as the bearer token of POST {endpoint}. It is not shown again."
    )
    headers = {"Authorization": f"Bearer {token}"}
    assert [register(whole, headers=headers).status_code for _ in range(3)] == [201, 201, 401]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    entries = whole.store.entries(today, cursor=None, limit=100).items
    assert [(each.event, each.actor_name) for each in entries if each.event == "permit_created"] == [
        ("permit_created", "operator")
    ]


def test_where_none_is_needed_it_says_so(port: str) -> None:
    code, said = operate("registration_token", "--port", port, "--", "1", "1")

    assert code == 1
    assert "takes no such token: dynamic_registration is open, not token." in said


@pytest.mark.parametrize("arguments", [("0", "7"), ("1", "0"), ("10001", "7"), ("1", "366")])
def test_a_number_that_can_t_be_is_refused_before_anything_is_made(arguments: tuple[str, str]) -> None:
    code, said = operate("registration_token", "--port", "1", "--", *arguments)

    assert code == 2
    assert "APPS is a number from 1 to 10000, DAYS one from 1 to 365." in said


def test_a_server_that_works_passes_every_check(deployment: Deployment) -> None:
    code, said = operate("smoke", deployment.base_url + "/")

    assert said.splitlines() == [
        "ok: the metadata names the issuer",
        "ok: there is a key to verify tokens with",
        "ok: the token endpoint looks for the app",
        "ok: a protected route requires a token",
        "ok: the authorizer refuses what is no token",
        "ok: people can sign in",
    ]
    assert code == 0


def test_a_server_under_another_name_than_its_issuer_fails(deployment: Deployment) -> None:
    code, said = operate("smoke", "--seconds", "0", deployment.base_url.replace("localhost", "127.0.0.1"))

    assert code == 1
    assert said.splitlines()[:2] == [
        "FAILED: the metadata names the issuer (/.well-known/oauth-authorization-server: another response)",
        "ok: there is a key to verify tokens with",
    ]


def test_where_nothing_listens_it_ends_at_once() -> None:
    """With its default of two minutes, after which the command would be killed."""
    assert operate("smoke", "http://127.0.0.1:9") == (1, "Nothing listens at http://127.0.0.1:9.\n")


def test_where_there_is_no_such_host_every_check_fails() -> None:
    code, said = operate("smoke", "--seconds", "0", "http://gatepost.invalid")

    assert code == 1
    assert said.count("FAILED: ") == 6
    assert "(/developer/login: ConnectionError)" in said
