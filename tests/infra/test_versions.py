"""Published versions: what makes a new one, and that nothing but the alias `live` is called."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import aws_cdk
import pytest

from infra.configuration.context import ROOT
from infra.local.synthesis import machine_context
from tests.infra.rendered import Template, of_type

SNAPPED = ["authorizer", "token"]
COPIED = ("cdk.json", "functions", "infra", "layers", "requirements")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a synthesis reads, to be edited; what was built before is shared."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    (folder / ".build").mkdir()
    (folder / ".build" / "bundles").symlink_to(ROOT / ".build" / "bundles")
    return folder


def synthesized(checkout: Path, **context: Any) -> Template:
    """The template of `dev` with SnapStart, as this checkout has it."""
    given = {**machine_context(), "stage": "dev", "snap_start": SNAPPED, **context}
    out = checkout / "cdk.out"
    environment = {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps({f"gatepost.{key}": value for key, value in given.items()}),
        "CDK_OUTDIR": str(out),
    }
    subprocess.run([sys.executable, str(checkout / "infra" / "app.py")], check=True, env=environment)
    template: Template = json.loads((out / "Gatepost.template.json").read_text())
    return template


def versions(template: Template) -> set[str]:
    return set(of_type(template, "AWS::Lambda::Version"))


def test_an_edited_layer_makes_a_new_version_of_each_function_that_has_it(checkout: Path) -> None:
    before = versions(synthesized(checkout))
    module = checkout / "layers" / "gatepost" / "python" / "gatepost" / "pkce.py"
    module.write_text(module.read_text() + "\nEDITED = True\n")

    after = versions(synthesized(checkout))

    assert len(before) == len(after) == len(SNAPPED)
    assert not before & after


def test_cdk_json_has_the_feature_flags_that_the_locked_library_gives_to_new_projects() -> None:
    """After an update of aws-cdk-lib: read what a new flag does, then take it over."""
    (package,) = (Path(aws_cdk.__file__).parent / "_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(package) as archive:
        file = archive.extractfile("package/recommended-feature-flags.json")
        assert file is not None
        recommended = json.load(file)
    context = json.loads((ROOT / "cdk.json").read_text())["context"]

    assert {name: value for name, value in context.items() if name != "gatepost"} == recommended
