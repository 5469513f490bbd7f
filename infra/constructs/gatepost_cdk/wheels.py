"""The packages of the lock file, installed for Lambda's platform without Docker."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from gatepost_cdk.packages import LAYERS, LEFT_OUT

_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
_OLD_GLIBC = "3.11"  # the Python that Lambda runs on Amazon Linux 2
_ENTRY = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)


class InstallFailed(Exception):
    """The packages could not be installed; the text is for people."""


def locked(lock: str) -> Mapping[str, str]:
    """Return the lock file's entry of each distribution: version, markers and hashes. Raises InstallFailed.

    Each distribution must be assigned to a layer or left out, so that a new one is not forgotten.
    """
    found = list(_ENTRY.finditer(lock))
    ends = [*(match.start() for match in found[1:]), len(lock)]
    entries: dict[str, str] = {}
    for match, end in zip(found, ends, strict=True):  # one may have a version for each Python
        entries[match[1]] = entries.get(match[1], "") + lock[match.start() : end]
    placed = {name for names in LAYERS.values() for name in names} | set(LEFT_OUT)
    if set(entries) != placed:
        odd = min(set(entries) ^ placed)
        raise InstallFailed(f"requirements/layer.txt and the layers of gatepost_cdk/packages.py disagree about {odd}.")
    return entries


def install(lock: Path, target: Path, *, architecture: str, python: str) -> None:
    """Install everything in `lock` into `target`. Raises InstallFailed."""
    platform = f"{_MACHINES[architecture]}-{'manylinux2014' if python == _OLD_GLIBC else 'manylinux_2_28'}"
    command = [
        *(_uv(), "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "--no-deps"),
        *("--requirement", str(lock), "--target", str(target)),
        *("--python-platform", platform, "--python-version", python),
        *("--python", sys.executable, "--no-config", "--link-mode", "copy"),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        raise InstallFailed(f"The packages of the layers could not be installed:\n{done.stderr.strip()}")


def files_of(installed: Path) -> Mapping[str, list[str]]:
    """Return the files of each installed distribution, from its RECORD."""
    files = {}
    for record in sorted(installed.glob("*.dist-info/RECORD")):
        name = record.parent.name.partition("-")[0].replace("_", "-").lower()
        with record.open(newline="") as text:
            files[name] = sorted(row[0] for row in csv.reader(text))
    return files


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv", path=os.environ.get("PATH"))
    if found is None:
        raise InstallFailed("uv is missing: run `make synth`, which installs it into .venv, or `pip install uv`.")
    return found
