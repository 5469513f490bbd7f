"""The app's program: the same output every time, or one sentence."""

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
from tests.infra.synthesized import PROD, synthesized

APP = ROOT / "infra" / "app.py"


def environment(folder: Path, context: dict[str, Any]) -> dict[str, str]:
    given = context_variable({**machine_context(), **context})
    return {**os.environ, "CDK_CONTEXT_JSON": given, "CDK_OUTDIR": str(folder), "CDK_VALIDATION": "false"}


def test_two_syntheses_give_the_same_template_and_assets(tmp_path: Path) -> None:
    """One in a new process, and one in a process that writes others as well (`tests/warm_cdk.py`)."""
    context = environment(tmp_path / "new", {"stage": "prod", **PROD})
    subprocess.run([sys.executable, str(APP)], check=True, cwd=tmp_path, env=context)
    warm = synthesized("prod").folder

    name = "Gatepost.template.json"
    assert (tmp_path / "new" / name).read_bytes() == (warm / name).read_bytes()
    assert {each.name for each in (tmp_path / "new").iterdir()} == {each.name for each in warm.iterdir()} - {"said.txt"}


def test_a_bad_value_stops_the_synthesis_and_the_local_deployment_with_one_sentence(tmp_path: Path) -> None:
    sentence = "cdk.json: gatepost.code_lifetime is 900; allowed is a whole number from 1 to 600 (seconds)."
    done = run_app(APP, environment(tmp_path / "out", {"code_lifetime": 900}))

    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{sentence}\n")
    assert not (tmp_path / "out").exists()
    with pytest.raises(SynthesisFailed) as caught, Deployment(overrides={"code_lifetime": 900}):
        pass
    assert str(caught.value) == sentence


def test_the_synthesis_stops_where_the_python_of_the_functions_is_missing(tmp_path: Path) -> None:
    other = "3.12" if machine_context()["python"] != "3.12" else "3.11"
    done = run_app(APP, {**environment(tmp_path / "out", {"python": other}), "PATH": str(tmp_path)})

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"The functions are for Python {other}, and only Python {other} can compile them: install python{other}, "
        "or set `python` (in cdk.json, or of GatepostAuthorizer) to a version that this machine and Lambda have.\n"
    )
