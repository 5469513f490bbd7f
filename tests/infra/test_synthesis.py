from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gatepost_cdk.bundling import dependencies_layer
from infra.context import ROOT
from infra.local.deployment import Deployment
from infra.local.synthesis import SynthesisFailed, machine_context


def synthesized(folder: Path, context: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    given = {f"gatepost.{key}": value for key, value in {**machine_context(), **context}.items()}
    environment = {**os.environ, "CDK_CONTEXT_JSON": json.dumps(given), "CDK_OUTDIR": str(folder)}
    return subprocess.run(
        [sys.executable, str(ROOT / "infra" / "app.py")],
        check=False, capture_output=True, text=True, cwd=folder.parent, env=environment,
    )  # fmt: skip


def test_two_syntheses_give_the_same_template_and_assets(tmp_path: Path) -> None:
    for name in ("first", "second"):
        assert synthesized(tmp_path / name, {}).returncode == 0
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


def test_the_layers_import_without_anything_else() -> None:
    context = machine_context()
    layer = dependencies_layer(ROOT, architecture=context["architecture"], python=context["python"])
    program = (
        f"import sys; sys.path[0:0] = [{str(layer / 'python')!r}, {str(ROOT / 'layers/gatepost/python')!r}]\n"
        "import aws_lambda_powertools, bcrypt, boto3, cryptography, jinja2, jwt, pydantic\n"
        "import aws_lambda_powertools.event_handler.openapi.models\n"
        "import gatepost.wiring, gatepost.http, gatepost.pages\n"
        "print(boto3.__file__.startswith(sys.path[0]))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], check=False, capture_output=True, text=True, env={}
    )
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_the_layer_ships_bytecode() -> None:
    context = machine_context()
    layer = dependencies_layer(ROOT, architecture=context["architecture"], python=context["python"])
    tag = context["python"].replace(".", "")
    assert (layer / "python/boto3/__pycache__" / f"session.cpython-{tag}.pyc").exists()
