"""The rendered template, and a stack of another app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from infra.configuration.context import ROOT
from infra.local.synthesis import machine_context, synthesize
from tests.infra.protecting import new_stack

if TYPE_CHECKING:
    from aws_cdk import Stack

Template = dict[str, Any]


@pytest.fixture(scope="session")
def template() -> Template:
    """The stage prod of cdk.json, with every function."""
    context = {**machine_context(), "stage": "prod", "demo": True, "backchannel_logout": True}
    return dict(synthesize(context, ROOT / "functions").template)


@pytest.fixture(scope="session")
def plain_template() -> Template:
    """The stage dev of cdk.json without the demo, and with what an own domain needs."""
    context = {
        **machine_context(),
        "stage": "dev",
        "demo": False,
        "domain_name": "auth.example.com",
        "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/0",
        "hosted_zone_id": "Z0123456789",
        "mail_sender": "gatepost@mail.example.com",
        "cors_origins": ["https://app.example.com"],
        "tracing": False,
        "throttle_scale": 3,
        "throttles": {
            "POST /authorization/token": 1000,
            "POST /developer/forgotten": 7,
            "GET /demo/read": 9,
            "GET /developer": 9,
        },
    }
    return dict(synthesize(context, ROOT / "functions").template)


@pytest.fixture
def stack() -> Stack:
    """A stack of another app."""
    return new_stack()
