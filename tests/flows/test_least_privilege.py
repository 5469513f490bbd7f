"""Each role allows what its function does and nothing else, shown by the functions' AWS calls in every flow.

The flows are those of the fault matrix, and a few more. That the deployed roles refuse nothing that is needed is what
every test of the shared deployment shows. Rights to logs and traces are left out, and those by which Lambda receives
from a queue: Lambda itself uses them, not the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, ClassVar
from unittest.mock import patch

import pytest

from gatepost.aws import services
from infra.configuration.context import ROOT
from infra.local.aws.calls import AwsCall, partition_keys
from infra.local.aws.table_access import asked_of
from infra.local.synthesis import HERE, TRIED_HERE, machine_context, synthesize
from infra.stack.function_table import FUNCTIONS
from tests.conftest import TEST_SETTINGS
from tests.flows import further_flows
from tests.flows.rights import covers, fits
from tests.infra.rendered import Grant, Template, grants
from tests.security.faults.events import told
from tests.security.faults.fetched import Invoked
from tests.security.faults.flow import Flow
from tests.security.faults.matrix import FLOWS, ROTATION
from tests.security.faults.world import SETTINGS, World, deployed
from tests.unit.world import NOW

NOT_OF_THE_CODE = ("logs:", "xray:", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
NAMES = tuple(spec.name for spec in FUNCTIONS)
EVERYTHING: dict[str, Any] = {"openid": True, "backchannel_logout": True, "published_revocations": True}
QUEUES = {"logouts": "logouts", "slow": "slow logouts"}


@pytest.fixture(scope="module")
def template() -> Template:
    settings = {**EVERYTHING, "mail_sender": SETTINGS.mail_sender, "dynamic_registration": "token", "feed_parts": 1}
    context = {**machine_context(), **TRIED_HERE, **HERE, **TEST_SETTINGS, **settings}
    return dict(synthesize(context, ROOT / "functions").template)


class Noted(Invoked):
    """The functions that others invoke, and which of them were."""

    asked: ClassVar[set[str]] = set()

    def invoke(self, function: str, event: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.add(function.removeprefix("the function "))
        return super().invoke(function, event)


@pytest.fixture(scope="module")
def used() -> Iterator[Mapping[str, list[AwsCall]]]:
    """Every call of each function, with the names of the template."""
    calls: dict[str, list[AwsCall]] = {name: [] for name in NAMES}
    with deployed() as world, patch.object(services, "functions", lambda kind: Noted()):
        further_flows.aged(world)
        base = world.cloud.snapshot()
        for flow in (*FLOWS, *further_flows.FLOWS):
            world.cloud.restore(base)
            calls[flow.function] += calls_in(world, flow)
        yield calls


def calls_in(world: World, flow: Flow) -> Iterator[AwsCall]:
    """Run a flow undisturbed, and yield its calls."""
    world.now = float(NOW)
    world.set(**EVERYTHING | dict(flow.settings))
    world.cold()
    request = flow.arrange(world)
    world.cold()
    world.cloud.faults.disarm()
    Noted.asked.clear()
    answer = world.call(flow.function, request)
    expected = flow.answer.replace("{web}", world.web.client_id)
    assert (told(answer) if answer else "done") == expected, f"{flow.function}: {flow.name}"
    call, tables = partial(AwsCall, function=flow.function), world.cloud.tables
    keys, names = partition_keys(tables), {physical: name for name, physical in tables.items()}
    for service, operation, sent in world.cloud.faults.requests:
        action = "".join(word.capitalize() for word in operation.split("_"))
        if service == "dynamodb":
            for asked in asked_of(action, sent, keys.__getitem__):
                table, index, rest = asked.resource.partition("/index/")
                of_table = partial(call, action=f"dynamodb:{asked.action}", resource=names[table] + index + rest)
                yield of_table(partitions=asked.partitions, attributes=asked.attributes)
        elif service == "secretsmanager":
            secret = sent["SecretId"].rpartition(":")[2].partition("-")[0]
            yield call(action=f"secretsmanager:{action}", resource=secret)
        elif service == "sqs":
            yield call(action=f"sqs:{action}", resource=QUEUES[sent["QueueUrl"].rpartition("/")[2]])
        else:
            yield call(action=f"ses:{action}", resource=sent["FromEmailAddress"])
    for name in Noted.asked:
        yield call(action="lambda:InvokeFunction", resource=f"{name}:live")


def granted(template: Template, function: str) -> set[Grant]:
    return {grant for grant in grants(template, function) if not grant.action.startswith(NOT_OF_THE_CODE)}


def test_every_function_that_calls_aws_does_so_in_the_flows(used: Mapping[str, list[AwsCall]]) -> None:
    assert {name for name in NAMES if not used[name]} == {"demo", "fetch", "logo"}
    assert "demo" not in {flow.function for flow in FLOWS}
    assert used[ROTATION]


@pytest.mark.parametrize("function", NAMES)
def test_every_call_is_one_that_its_role_allows(
    template: Template, used: Mapping[str, list[AwsCall]], function: str
) -> None:
    allowed = granted(template, function)

    assert [call for call in used[function] if not any(fits(call, grant) for grant in allowed)] == []


@pytest.mark.parametrize("function", NAMES)
def test_s130_a_role_grants_the_actions_partitions_and_attributes_that_its_function_uses_and_no_others(
    template: Template, used: Mapping[str, list[AwsCall]], function: str
) -> None:
    """Attributes of updates: a put may name every one of its kind of record, and few records have all of them."""
    allowed, partitions = granted(template, function), dict[Grant, set[str]]()
    for grant in allowed:
        calls = [call for call in used[function] if fits(call, grant)]
        place = grant._replace(action="")  # one item may be read alone or with others
        partitions.setdefault(place, set()).update(key for call in calls for key in call.partitions)
        assert calls, grant
        if grant.action == "dynamodb:UpdateItem":
            assert set(grant.attributes) <= {name for call in calls for name in call.attributes}, grant

    for place, keys in partitions.items():
        assert [each for each in place.leading_keys if not any(covers(each, key) for key in keys)] == [], place
