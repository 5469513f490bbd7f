"""docs/openid.md lists the modules of the Foundation's plans, and each has a test of its name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "openid.md").read_text()
PLANS = ("basic", "basic_claims", "logout", "backchannel")
MODULES = re.findall(r"^\| `(oidcc-[a-z0-9-]+)` \|", DOCUMENT, re.MULTILINE)


def test_each_module_of_the_table_has_a_test_and_each_test_a_row() -> None:
    sources = [ast.parse((ROOT / "tests" / "http" / f"test_openid_{name}.py").read_text()) for name in PLANS]
    tests = {node.name for source in sources for node in source.body if isinstance(node, ast.FunctionDef)}

    named = {name for name in tests if name.startswith("test_oidcc_")}
    assert named == {f"test_{module.replace('-', '_')}" for module in MODULES}


def test_the_table_has_every_module_of_the_plans_once() -> None:
    plans = 38 + 1 + 11 + 2  # Basic OP, Config OP, RP-Initiated Logout OP, Back-Channel OP
    assert len(MODULES) == len(set(MODULES)) == plans
