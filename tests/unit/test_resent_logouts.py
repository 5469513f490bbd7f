"""`make resend-logouts` where apps are told of no logouts; with them, see tests/flows/test_logouts_under_faults.py."""

from __future__ import annotations

from typing import Any

import pytest

from infra.tools.operator.resend_logouts import resent
from infra.tools.operator.target import NotPossible, Target
from tests.unit.world import NOW


def test_without_back_channel_logout_there_is_nothing_to_resend() -> None:
    def client(service: str) -> Any:
        raise AssertionError(service)

    target = Target(
        name="the stage prod", client=client, base_url="", tables={}, functions={"token": "fn"}, backed_up=True
    )

    with pytest.raises(NotPossible, match=r"^the stage prod tells no apps of logouts: backchannel_logout is false\.$"):
        resent(target, now=NOW)
