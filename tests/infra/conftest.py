"""Rendered templates, a deployment with everything on, and a stack of another app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from infra.local import running
from infra.local.deployment import Deployment
from tests.conftest import TEST_SETTINGS
from tests.infra.protecting import new_stack
from tests.infra.rendered import Template
from tests.infra.synthesized import SENDER, SNAPPED, Synthesized, synthesized

if TYPE_CHECKING:
    from aws_cdk import Stack


@pytest.fixture(scope="session")
def template() -> Template:
    """The stage prod of cdk.json, with every function."""
    return synthesized("prod").main


@pytest.fixture(scope="session")
def plain_template() -> Template:
    """The stage dev of cdk.json without the demo, and with what an own domain needs."""
    return synthesized("plain").main


@pytest.fixture(scope="session")
def everything() -> Synthesized:
    """The edge and what else a stage may ask for, turned on."""
    return synthesized("everything")


@pytest.fixture(scope="session")
def whole() -> Iterator[Deployment]:
    """The stage prod with what its settings may turn on beside the tests' own settings; commands find it."""
    settings = {
        **TEST_SETTINGS,
        "stage": "prod",
        "alarm_email": "ops@example.com",
        "backchannel_logout": True,
        "canary": ["token"],
        "dynamic_registration": "token",
        "mail_sender": SENDER,
        "snap_start": list(SNAPPED),
    }
    with Deployment(overrides=settings) as deployed, running.announced(deployed.running):
        yield deployed
        assert [line for line in deployed.logs if "AccessDenied" in line] == [], "a role refused a request"


@pytest.fixture
def port(deployment: Deployment) -> Iterator[str]:
    """The port of the shared deployment, on which commands find it meanwhile."""
    with running.announced(deployment.running):
        yield str(deployment.running.port)


@pytest.fixture
def stack() -> Stack:
    """A stack of another app."""
    return new_stack()
