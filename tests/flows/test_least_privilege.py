"""Each role allows what its function does and nothing else, shown by the functions' AWS calls on a tour.

Rights to logs and traces are left out: Lambda itself uses them, not the code.
"""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gatepost.model.audit_entry import AuditEntry
from gatepost.routes import DEMO_READ
from gatepost.settings import LOGOUT_QUEUE_VARIABLE, SLOW_LOGOUT_QUEUE_VARIABLE
from infra.local import running
from infra.local.aws.calls import AwsCall
from infra.local.deployment import Deployment
from infra.stack.access import ID_FORMS
from infra.stack.function_table import FUNCTIONS
from infra.tools.integrity.announcements import announced
from infra.tools.integrity.audit_list import compared
from infra.tools.integrity.kinds import entries
from infra.tools.integrity.living import Living
from infra.tools.integrity.reading import read_tables
from infra.tools.operator.target import local_target
from tests.conftest import TEST_SETTINGS
from tests.flows import tour, tour_of_pages
from tests.flows.tour import TOUR, Story
from tests.infra.rendered import Grant, grants

# Lambda itself receives from the queue, in the name of the function.
_RECEIVING = ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
NOT_OF_THE_CODE = ("logs:", "xray:", *_RECEIVING)
NAMES = tuple(spec.name for spec in FUNCTIONS)
WITHOUT_MAIL = {"account": {"email", "email_confirmed"}}  # changed at once where no mail is sent; the tour sends some


@dataclass(frozen=True)
class Toured:
    """A deployment after the tour, and every call that its functions made, with the names of the template."""

    deployment: Deployment
    calls: tuple[AwsCall, ...]
    later: list[AwsCall]  # grows with what is called after the tour

    def granted(self, function: str) -> set[Grant]:
        found = grants(dict(self.deployment.template), function)
        return {grant for grant in found if not grant.action.startswith(NOT_OF_THE_CODE)}

    def used(self, function: str) -> list[AwsCall]:
        return [call for call in self.calls if call.function == function]


@pytest.fixture(scope="module")
def toured() -> Iterator[Toured]:
    calls: list[AwsCall] = []
    with Deployment(overrides={**TEST_SETTINGS, **tour.SETTINGS}, on_call=calls.append) as deployed:
        for story in TOUR:
            story(deployed)
        yield Toured(deployment=deployed, calls=tuple(named(deployed, call) for call in calls), later=calls)


def named(deployment: Deployment, call: AwsCall) -> AwsCall:
    """The call with `tokens`, `apps/index/by_owner` or `signing` in place of physical names."""
    names = {physical: name for name, physical in deployment.tables.items()}
    names |= {deployment.secret_arn(name): name for name in ("signing", "refresh")}
    variables = deployment.functions["backchannel_logout"].config.environment
    queues = {LOGOUT_QUEUE_VARIABLE: "logouts", SLOW_LOGOUT_QUEUE_VARIABLE: "slow logouts"}
    names |= {variables[variable].rpartition("/")[2]: name for variable, name in queues.items()}
    names |= {each.config.alias_arn: f"{name}:live" for name, each in deployment.functions.items()}
    table, index, rest = call.resource.partition("/index/")
    return replace(call, resource=names.get(table, table) + index + rest)


def fits(call: AwsCall, grant: Grant) -> bool:
    """Whether a grant allows the call. For mail any identity of the sender does: SES checks the one it has verified."""
    if call.action == "ses:SendEmail":
        return grant.action == call.action and call.resource == grant.sender
    return (
        (grant.action, grant.resource) == (call.action, call.resource)
        and (not grant.leading_keys or all(any(covers(each, key) for each in grant.leading_keys)
                                           for key in call.partitions))
        and (not grant.attributes or set(call.attributes) <= set(grant.attributes))
    )  # fmt: skip


def covers(pattern: str, partition: str) -> bool:
    """Whether a partition is one of the pattern; one of another kind never is, whatever its form."""
    form = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(form, partition) is not None and (pattern not in ID_FORMS or "#" not in partition)


def test_the_tour_comes_by_every_function_and_no_role_refuses_anything(toured: Toured) -> None:
    without_calls = {name for name in NAMES if not toured.used(name)}

    assert [call for call in toured.calls if call.refused] == []
    assert without_calls == {"demo", "fetch"}  # the tour opens the demo with a token; the other calls nothing of AWS
    assert DEMO_READ.function == "demo"


def test_s371_the_audit_list_after_the_tour_is_what_the_logs_of_its_functions_say(toured: Toured) -> None:
    with running.announced(toured.deployment.running):
        target = local_target(toured.deployment.running.port)
    living = Living(entries({"audit": read_tables(target.client("dynamodb"), target.tables)["audit"]}), time.time())

    found = compared(living, announced(target, now=living.now), settled=0)

    assert found.findings == []
    assert {each.record.event for each in living.of(AuditEntry)} >= {"signed_in", "approved", "app_created"}


@pytest.mark.parametrize("function", NAMES)
def test_a_role_grants_what_its_function_uses_and_nothing_else(toured: Toured, function: str) -> None:
    granted, used = toured.granted(function), toured.used(function)

    unused = {grant for grant in granted if not any(fits(call, grant) for call in used)}
    assert unused == set()


@pytest.mark.parametrize("function", NAMES)
def test_s130_a_role_names_the_partitions_that_its_function_uses_and_no_others(toured: Toured, function: str) -> None:
    used: dict[Grant, set[str]] = {}
    for grant in toured.granted(function):
        place = grant._replace(action="")  # one item may be read alone or with others
        keys = {key for call in toured.used(function) if fits(call, grant) for key in call.partitions}
        used.setdefault(place, set()).update(keys)

    for place, keys in used.items():
        unused = {each for each in place.leading_keys if not any(covers(each, key) for key in keys)}
        assert unused == set(), place


@pytest.mark.parametrize("function", NAMES)
def test_s130_a_role_names_the_attributes_that_its_function_changes_and_no_others(
    toured: Toured, function: str
) -> None:
    """Of updates. A put may name every attribute of its kind of record, and few records have all of them."""
    for grant in toured.granted(function):
        if grant.action == "dynamodb:UpdateItem":
            used = {name for call in toured.used(function) if fits(call, grant) for name in call.attributes}
            assert set(grant.attributes) - used - WITHOUT_MAIL.get(function, set()) == set(), grant


@pytest.mark.parametrize("function", NAMES)
def test_every_call_is_one_that_its_role_allows(toured: Toured, function: str) -> None:
    granted = toured.granted(function)

    assert [call for call in toured.used(function) if not any(fits(call, grant) for grant in granted)] == []


@pytest.mark.parametrize(
    ("function", "action", "resource", "story"),
    [
        ("token", "dynamodb:GetItem", "Apps", tour.every_grant),
        ("consent", "dynamodb:PutItem", "Codes", tour.codes_and_approvals),
        ("revoke", "dynamodb:PutItem", "Tokens", tour.tokens_taken_back),
        ("console", "dynamodb:UpdateItem", "Accounts", tour_of_pages.signing_in_and_out),
        ("recovery", "dynamodb:Query", "Sessions", tour_of_pages.forgotten_passwords),
        ("admin", "dynamodb:Query", "Audit", tour_of_pages.administration),
        ("apps", "dynamodb:Query", "Accounts", tour_of_pages.ones_apps),  # an index
        ("introspect", "secretsmanager:GetSecretValue", "Refresh", tour.tokens_taken_back),
        ("registration", "ses:SendEmail", "*", tour_of_pages.registering),
    ],
)
def test_without_one_of_its_actions_a_function_fails(
    toured: Toured, function: str, action: str, resource: str, story: Story
) -> None:
    deployed = toured.deployment
    access, role = deployed.client("iam"), deployed.functions[function].config.role_arn.rpartition("/")[2]
    whole = access.get_role_policy(RoleName=role, PolicyName="access")["PolicyDocument"]
    less = without(whole, action, resource)
    access.put_role_policy(RoleName=role, PolicyName="access", PolicyDocument=json.dumps(less))
    deployed.restart(function)
    toured.later.clear()
    try:
        with pytest.raises((AssertionError, KeyError, IndexError, ValueError)):
            story(deployed)
        assert (function, action) in {(call.function, call.action) for call in toured.later if call.refused}
    finally:
        access.put_role_policy(RoleName=role, PolicyName="access", PolicyDocument=json.dumps(whole))
        deployed.restart(function)
    story(deployed)


def without(policy: dict[str, Any], action: str, resource: str) -> dict[str, Any]:
    """The policy without one action on the resources whose ARN holds a text."""
    less, removed = copy.deepcopy(policy), 0
    for statement in less["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if action in actions and resource in json.dumps(statement["Resource"]):
            statement["Action"] = [each for each in actions if each != action] or ["s3:ListAllMyBuckets"]
            removed += 1
    assert removed
    return less
