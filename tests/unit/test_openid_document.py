"""docs/openid.md lists the modules of the Foundation's plans, and each is named where it is tried."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "openid.md").read_text()
TESTS = "\n".join(path.read_text() for path in (ROOT / "tests" / "http").glob("test_openid_*.py"))
MODULES = re.findall(r"`(oidcc-[a-z0-9-]+)`", DOCUMENT)


def test_each_module_of_the_table_is_named_by_a_test_and_no_other_is() -> None:
    assert set(re.findall(r"\boidcc-[a-z0-9-]+", TESTS)) == set(MODULES)


def test_the_table_has_every_module_of_the_plans_once() -> None:
    plans = 38 + 1 + 11 + 2  # Basic OP, Config OP, RP-Initiated Logout OP, Back-Channel OP
    assert len(MODULES) == len(set(MODULES)) == plans
