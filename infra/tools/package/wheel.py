"""The wheel of `gatepost_cdk`, built away from the checkout so that no file of an earlier build gets into it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.configuration.context import ROOT

_INPUTS = (
    *("pyproject.toml", "README.md", "LICENSE", "requirements/layer.txt", "functions/authorizer"),
    *("infra/constructs/gatepost_cdk", "layers/gatepost/python/gatepost"),
)
_TOOLS = ROOT / "requirements" / "package.txt"
_FIRST_MOMENT = "315532800"  # 1980-01-01, as in the bundles: the same sources give the same bytes


class PackageFailed(Exception):
    """The wheel could not be built; the text is for people."""


def build_wheel(target: Path) -> Path:
    """Build the wheel into `target`. Raises PackageFailed."""
    with tempfile.TemporaryDirectory(prefix="gatepost-package-") as folder:
        source = Path(folder) / "source"
        for name in _INPUTS:
            _copy(ROOT / name, source / name)
        command = [
            *(str(Path(sys.executable).with_name("uv")), "build", "--wheel", "--quiet", "--no-config"),
            *("--python", sys.executable, "--build-constraints", str(_TOOLS), "--require-hashes"),
            *("--out-dir", f"{folder}/built", str(source)),
        ]
        environ = {**os.environ, "SOURCE_DATE_EPOCH": _FIRST_MOMENT}
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)  # noqa: S603
        if done.returncode != 0:
            raise PackageFailed(f"The wheel could not be built:\n{done.stderr.strip()}")
        (wheel,) = (Path(folder) / "built").glob("*.whl")
        target.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(wheel, target))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    else:
        shutil.copyfile(source, target)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
