from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.configuration.context import ROOT
from infra.local.deployment import Deployment
from infra.local.synthesis import SynthesisFailed, context_variable, machine_context, run_app


def environment(folder: Path, context: dict[str, Any]) -> dict[str, str]:
    given = context_variable({**machine_context(), **context})
    return {**os.environ, "CDK_CONTEXT_JSON": given, "CDK_OUTDIR": str(folder)}


def synthesized(folder: Path, context: dict[str, Any], **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "infra" / "app.py")],
        check=False, capture_output=True, text=True, cwd=folder.parent,
        env={**environment(folder, context), **variables},
    )  # fmt: skip


def test_two_syntheses_give_the_same_template_and_assets(tmp_path: Path) -> None:
    """One in a new process, and one in a process that has written others (`tests/warm_cdk.py`)."""
    assert synthesized(tmp_path / "first", {}).returncode == 0
    for name, context in (("other", {"stage": "prod"}), ("second", {})):
        assert run_app(ROOT / "infra" / "app.py", environment(tmp_path / name, context)).returncode == 0
    first, second = (tmp_path / name / "Gatepost.template.json" for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    assert {each.name for each in (tmp_path / "first").iterdir()} == {
        each.name for each in (tmp_path / "second").iterdir()
    }


def test_a_bad_value_stops_the_synthesis_with_one_sentence(tmp_path: Path) -> None:
    done = synthesized(tmp_path / "out", {"code_lifetime": 900})
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "cdk.json: gatepost.code_lifetime is 900; allowed is a whole number from 1 to 600 (seconds).\n"
    )
    assert not (tmp_path / "out").exists()


def test_a_bad_value_stops_the_local_deployment_with_the_same_sentence() -> None:
    with pytest.raises(SynthesisFailed) as caught, Deployment(overrides={"code_lifetime": 900}):
        pass
    assert str(caught.value) == (
        "cdk.json: gatepost.code_lifetime is 900; allowed is a whole number from 1 to 600 (seconds)."
    )


def test_the_synthesis_stops_where_the_python_of_the_functions_is_missing(tmp_path: Path) -> None:
    other = "3.12" if machine_context()["python"] != "3.12" else "3.11"
    done = synthesized(tmp_path / "out", {"python": other}, PATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"The functions are for Python {other}, and only Python {other} can compile them: install python{other}, "
        "or set `python` (in cdk.json, or of GatepostAuthorizer) to a version that this machine and Lambda have.\n"
    )
