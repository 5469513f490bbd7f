"""The fault matrix with our own client for AWS, which is deployed: the flows of all functions but the console's.

`python -m tests.security.faults.matrix own` does it for all.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.security.faults.flow import Flow
from tests.security.faults.matrix import FLOWS, matrix
from tests.security.faults.world import World, deployed

CONSOLE = {"account", "admin", "apps", "connections", "console", "consumer", "recovery", "registration"}


@pytest.fixture(scope="module")
def deployment() -> Iterator[tuple[World, bytes]]:
    with deployed("own") as world:
        yield world, world.cloud.snapshot()


@pytest.mark.parametrize(
    "flow", [flow for flow in FLOWS if flow.function not in CONSOLE], ids=lambda flow: f"{flow.function}, {flow.name}"
)
def test_s106_a_flow_fails_cleanly_by_our_own_client(deployment: tuple[World, bytes], flow: Flow) -> None:
    world, base = deployment

    assert matrix(world, flow, base).faults == []
