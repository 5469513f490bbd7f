"""The authorizer for stacks of any tool: one zip with everything that it imports, and a CloudFormation template."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from pathlib import Path

from gatepost_cdk.bundling import function_folder, layer_folder
from gatepost_cdk.bytecode import compile_folder
from gatepost_cdk.decider import LAYERS
from gatepost_cdk.sources import ROOT
from infra.tools.package.template import authorizer_template

_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
_DIGITS = 12


def write_authorizer(target: Path, *, architecture: str, python: str) -> Path:
    """Write the zip for one architecture. Its name ends in a digest: another content has another S3 key.

    Raises BundlingFailed and NoPython.
    """
    with tempfile.TemporaryDirectory(prefix="gatepost-package-") as folder:
        whole = Path(folder) / "task"
        shutil.copytree(function_folder(ROOT, ROOT / "functions" / "authorizer", python=python), whole)
        for name in LAYERS:
            layer = layer_folder(ROOT, name, architecture=architecture, python=python)
            shutil.copytree(layer / "python", whole, dirs_exist_ok=True)
            if (layer / "licenses").is_dir():
                shutil.copytree(layer / "licenses", whole / "licenses", dirs_exist_ok=True)
        compile_folder(whole, "/var/task", python)
        content = _zipped(whole)
    digest = hashlib.sha256(content).hexdigest()[:_DIGITS]
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"gatepost-authorizer-{architecture}-{digest}.zip"
    path.write_bytes(content)
    return path


def write_template(target: Path, *, python: str) -> Path:
    """Write the template that deploys such a zip."""
    target.mkdir(parents=True, exist_ok=True)
    path = target / "gatepost-authorizer.template.json"
    path.write_text(json.dumps(authorizer_template(python), indent=2) + "\n")
    return path


def _zipped(folder: Path) -> bytes:
    """The folder as a zip whose bytes depend on names and contents only."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(str(path.relative_to(folder)), _FIRST_MOMENT)
                entry.external_attr = 0o100644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
    return content.getvalue()
