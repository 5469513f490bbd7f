"""S106, S107, S109, S114: each call of each flow fails in each way, and nothing is lost, doubled or half done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatepost.routes import API_REFERENCE, HOME, ROOT, ROUTES, UNKNOWN, UNKNOWN_AT_ROOT, UNKNOWN_BY_GET
from tests.security.faults.flow import Flow
from tests.security.faults.matrix import FLOWS, ROTATION, matrix
from tests.security.faults.world import FUNCTIONS, World, deployed


@pytest.fixture(scope="module")
def deployment() -> Iterator[tuple[World, bytes]]:
    with deployed("boto3") as world:
        yield world, world.cloud.snapshot()


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: f"{flow.function}, {flow.name}")
def test_s106_a_flow_fails_cleanly_wherever_and_however_a_call_fails(
    deployment: tuple[World, bytes], flow: Flow
) -> None:
    world, base = deployment

    assert matrix(world, flow, base).faults == []


def test_every_function_and_every_route_is_in_the_matrix(deployment: tuple[World, bytes]) -> None:
    world, base = deployment
    routes = set()
    for flow in FLOWS:
        world.cloud.restore(base)
        world.set(**flow.settings)
        world.cold()
        request = flow.arrange(world)
        if flow.function not in (ROTATION, "authorizer", "backchannel_logout"):
            routes.add(request["routeKey"])

    assert {flow.function for flow in FLOWS} == {path.name for path in FUNCTIONS.iterdir()} - {
        "demo",
        "fetch",
    }  # which call nothing of AWS
    without_aws = {ROOT.key, UNKNOWN.key, UNKNOWN_AT_ROOT.key, UNKNOWN_BY_GET.key, HOME.key, API_REFERENCE.key}
    assert {route.key for route in ROUTES if not route.demo} - routes == without_aws
