"""The dependencies layer: wheels for Lambda's platform, without Docker, from the lock file."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

_PLATFORMS = {"arm64": "aarch64-manylinux2014", "x86_64": "x86_64-manylinux2014"}
_LOCK = Path("requirements/layer.txt")
_FORMAT = "1"  # raise it when what `_install` writes changes


class LayerFailed(Exception):
    """The layer could not be built; the text is for people."""


def dependencies_layer(root: Path, *, architecture: str, python: str) -> Path:
    """The folder of the layer, built when the lock file, the architecture or the Python changed.

    Its content depends on these three only, byte for byte, so that the layer gets a new version only then. (Where
    `python` itself is missing on this machine the layer has no bytecode.)
    """
    lock = (root / _LOCK).read_bytes()
    digest = hashlib.sha256(b"\0".join((_FORMAT.encode(), architecture.encode(), python.encode(), lock))).hexdigest()
    folder = root / "layers" / "dependencies"
    target = folder / f"python{python.replace('.', '')}-{architecture}-{digest[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        if not target.exists():
            _install(root, target, architecture, python)
    return target


def _install(root: Path, target: Path, architecture: str, python: str) -> None:
    building = target.with_name(f"{target.name}-part")
    shutil.rmtree(building, ignore_errors=True)
    command = [
        *(_uv(), "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:"),
        *("--requirement", str(root / _LOCK), "--target", str(building / "python")),
        *("--python-platform", _PLATFORMS[architecture], "--python-version", python),
        *("--python", sys.executable, "--no-config", "--link-mode", "copy"),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode != 0:
        raise LayerFailed(f"The dependencies layer could not be built:\n{done.stderr.strip()}")
    for leftover in ("bin", ".lock", ".gitignore"):
        _remove(building / "python" / leftover)
    _compile(building / "python", python)
    for old in target.parent.glob(f"{target.name.rpartition('-')[0]}-*"):
        if old != building:
            shutil.rmtree(old)
    building.rename(target)


def _compile(folder: Path, python: str) -> None:
    """Ship bytecode: an import from source takes more than twice as long.

    Only the same Python can write it. The hashes are unchecked because copying and zipping change the times of files.
    """
    interpreter = _interpreter(python)
    if interpreter is None:
        return
    command = [
        *(interpreter, "-I", "-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"),
        *("-s", str(folder), "-p", "/opt/python", str(folder)),
    ]
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603


def _interpreter(python: str) -> str | None:
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    return shutil.which(f"python{python}")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv", path=os.environ.get("PATH"))
    if found is None:
        raise LayerFailed("uv is missing: run `make synth`, which installs it into .venv.")
    return found
