"""The folders that become layers and functions, built without Docker and kept (`sources.Sources.bundles`).

The name of a folder ends in a digest of its inputs, not of its content: bytecode differs between patch releases of
Python. With the same Python the content depends only on the inputs, byte for byte.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from gatepost_cdk.bytecode import NoPython, compile_folder
from gatepost_cdk.packages import LAYERS, OWN, is_licence, is_shipped, rules
from gatepost_cdk.sources import sources_of
from gatepost_cdk.wheels import InstallFailed, files_of, install, locked

_BUILDERS = ("bundling.py", "bytecode.py", "wheels.py")  # a change of how things are built makes new bundles
_DIGITS = 32
_TIME = 315532800  # 1980-01-01: the earliest time in a zip
_NOT_CODE = {"__pycache__", ".mypy_cache", ".ruff_cache"}


class BundlingFailed(Exception):
    """A layer or a function could not be built; the text is for people."""


def layer_folder(root: Path, name: str, *, architecture: str, python: str) -> Path:
    """Return the folder of a layer: one of `packages.LAYERS`, or `gatepost` for the code that the functions share.

    `root` is this repository, or what a wheel ships of it. Only what is asked for is built, and only if its inputs
    changed. Raises BundlingFailed.
    """
    if name == OWN:
        code = sources_of(root).code
        return _code_folder(root, code, f"layer-{OWN}", below=f"python/{OWN}", prefix="/opt", python=python)
    with _sentences():
        lock = sources_of(root).lock.read_text()
        entries = locked(lock)
        inputs = (architecture, rules(name), [entries[each] for each in LAYERS[name]])

    def build(target: Path) -> None:
        wheels = _wheels(root, lock, architecture=architecture, python=python)
        files = files_of(wheels)
        for distribution in LAYERS[name]:
            for path in files[distribution]:
                if is_licence(path):
                    place = target / "licenses" / distribution / path.rpartition("/")[2]
                elif is_shipped(distribution, path):
                    place = target / "python" / path
                else:
                    continue
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(wheels / path, place)
        compile_folder(target / "python", "/opt/python", python)

    return _bundle(root, f"layer-{name}-{architecture}", python, inputs, build)


def function_folder(root: Path, source: Path, *, python: str) -> Path:
    """Return the folder of a function whose handler is in `source`. Raises BundlingFailed."""
    return _code_folder(root, source, f"function-{source.name}", below="", prefix="/var/task", python=python)


def files_folder(
    root: Path, name: str, contents: Mapping[str, bytes], *, python: str, prefix: str = "/var/task"
) -> Path:
    """The folder of a function, or with `/opt` of a layer, of these files, by their paths. Raises BundlingFailed."""
    return _files_folder(root, name, dict(sorted(contents.items())), prefix=prefix, python=python)


def digest_of(folder: Path) -> str:
    """Return the digest of the inputs of a folder that was built here."""
    return folder.name.rpartition("-")[2]


def _code_folder(root: Path, source: Path, name: str, *, below: str, prefix: str, python: str) -> Path:
    """Own code with its bytecode; it lies `below` the folder."""
    contents = {
        str(Path(below, path.relative_to(source))): path.read_bytes()
        for path in sorted(source.rglob("*"))
        if path.is_file() and not _NOT_CODE & set(path.relative_to(source).parts)
    }
    return _files_folder(root, name, contents, prefix=prefix, python=python)


def _files_folder(root: Path, name: str, contents: Mapping[str, bytes], *, prefix: str, python: str) -> Path:
    def build(target: Path) -> None:
        for path, content in contents.items():
            place = target / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        compile_folder(target, prefix, python)

    return _bundle(root, name, python, list(contents.items()), build)


def _wheels(root: Path, lock: str, *, architecture: str, python: str) -> Path:
    """Return a folder with every package of the lock file installed, from which the layers are picked."""

    def build(target: Path) -> None:
        install(sources_of(root).lock, target, architecture=architecture, python=python)

    return _kept(root, _tagged(f"wheels-{architecture}", python), lock, build, versions=1)


def _bundle(root: Path, name: str, python: str, inputs: object, build: Callable[[Path], None]) -> Path:
    folder = sources_of(root).bundles
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / ".lock").open("w")
    except OSError as error:
        raise BundlingFailed(
            f"{error.filename} can't be written: set XDG_CACHE_HOME to another folder for builds."
        ) from error
    with lock, _sentences():
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _kept(root, _tagged(name, python), inputs, lambda target: _finished(target, build), versions=4)


def _kept(root: Path, name: str, inputs: object, build: Callable[[Path], None], *, versions: int) -> Path:
    """Return the folder that `build` writes for these inputs; keep the most recently used `versions` of it."""
    digest = hashlib.sha256(repr((_builders(), name, inputs)).encode()).hexdigest()[:_DIGITS]
    folder = sources_of(root).bundles
    target = folder / f"{name}-{digest}"
    if not target.exists():
        building = folder / f"{name}-part"
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        build(building)
        building.rename(target)
    os.utime(target)
    others = sorted(folder.glob(f"{name}-{'?' * _DIGITS}"), key=lambda each: each.stat().st_mtime)
    for old in others[:-versions]:
        shutil.rmtree(old, ignore_errors=True)
    return target


@cache
def _builders() -> list[bytes]:
    return [Path(__file__).with_name(name).read_bytes() for name in _BUILDERS]


def _tagged(name: str, python: str) -> str:
    """Return a name without a dot: CDK would take the rest for a file extension."""
    return f"{name}-python{python.replace('.', '')}"


def _finished(target: Path, build: Callable[[Path], None]) -> None:
    """Build, then set the same modes and times everywhere, regardless of this machine's."""
    build(target)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (_TIME, _TIME))


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except (InstallFailed, NoPython) as error:
        raise BundlingFailed(str(error)) from error
    except subprocess.CalledProcessError as error:
        raise BundlingFailed("A module could not be compiled; what is wrong with it is said above.") from error
