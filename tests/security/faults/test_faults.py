"""S106, S107, S109, S114: each call of each flow fails in each way, and nothing is lost, doubled or half done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepost.routes import API_REFERENCE, HOME, ROOT, ROUTES, UNKNOWN, UNKNOWN_AT_ROOT, UNKNOWN_BY_GET
from tests.functions import FUNCTIONS
from tests.security.faults.flow import Flow
from tests.security.faults.kinds import READS, WRITES
from tests.security.faults.matrix import FLOWS, ROTATION, matrix
from tests.security.faults.world import World, deployed

# These call every operation of AWS: each in every way, by both clients.
FEW = {
    ("consent", "allow"),
    ("token", "refresh"),
    ("token", "password, wrong"),
    ("recovery", "forgotten"),
    ("rotate_keys", "signing, createSecret"),
    ("rotate_keys", "signing, finishSecret"),
    ("console", "sign out"),
}


@pytest.fixture(scope="module")
def deployment(request: pytest.FixtureRequest) -> Iterator[tuple[World, bytes]]:
    """The functions with a client for AWS; our own is deployed unless cdk.json says otherwise."""
    with deployed(request.param) as world:
        yield world, world.cloud.snapshot()


@pytest.mark.parametrize("deployment", ["own"], indirect=True)
@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: f"{flow.function}, {flow.name}")
def test_s106_a_flow_fails_cleanly_wherever_and_however_a_call_fails(
    deployment: tuple[World, bytes], flow: Flow
) -> None:
    world, base = deployment

    assert matrix(world, flow, base).faults == []


@pytest.mark.parametrize("deployment", ["own", "boto3"], indirect=True)
def test_s106_each_operation_of_aws_fails_cleanly_in_every_way_by_either_client(
    deployment: tuple[World, bytes],
) -> None:
    world, base = deployment
    found = [matrix(world, flow, base, every_kind=True) for flow in FLOWS if (flow.function, flow.name) in FEW]

    assert [fault for each in found for fault in each.faults] == []
    assert {operation for each in found for _, operation in each.calls} == READS | WRITES


@pytest.mark.parametrize("deployment", ["own"], indirect=True)
def test_every_function_and_every_route_is_in_the_matrix(deployment: tuple[World, bytes]) -> None:
    world, base = deployment
    routes = set()
    for flow in FLOWS:
        if callable(flow.request):
            world.cloud.restore(base)
            world.set(**flow.settings)
            world.cold()
        if flow.function not in (ROTATION, "authorizer", "backchannel_logout"):
            routes.add((flow.arrange(world) if callable(flow.request) else flow.request)["routeKey"])

    without_calls = {"demo", "fetch", "logo"}  # of AWS
    assert {flow.function for flow in FLOWS} == {path.name for path in FUNCTIONS.iterdir()} - without_calls
    without_aws = {ROOT.key, UNKNOWN.key, UNKNOWN_AT_ROOT.key, UNKNOWN_BY_GET.key, HOME.key, API_REFERENCE.key}
    assert {route.key for route in ROUTES if not route.demo} - routes == without_aws
