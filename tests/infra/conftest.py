"""The rendered template, and a way to read it."""

from __future__ import annotations

from typing import Any

import pytest

from infra.context import ROOT
from infra.local.synthesis import machine_context, synthesize

Template = dict[str, Any]


@pytest.fixture(scope="session")
def template() -> Template:
    """The stack of cdk.json with the demo."""
    return dict(synthesize({**machine_context(), "demo": True}, ROOT / "functions").template)


@pytest.fixture(scope="session")
def plain_template() -> Template:
    """The stack of cdk.json without the demo, and with what an own domain needs."""
    context = {
        **machine_context(),
        "demo": False,
        "domain_name": "auth.example.com",
        "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/0",
        "hosted_zone_id": "Z0123456789",
        "mail_sender": "gatepost@mail.example.com",
        "cors_origins": ["https://app.example.com"],
        "tracing": False,
        "log_retention_days": 7,
        "deletion_protection": False,
        "removal": "destroy",
    }
    return dict(synthesize(context, ROOT / "functions").template)
