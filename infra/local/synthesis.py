"""The template for this machine: `python infra/app.py`, run once for each state of its inputs."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.context import ROOT

_INPUTS = ("infra", "layers/gatepost", "cdk.json", "requirements/dev.txt", "requirements/layer.txt")
_CACHE = ROOT / ".build" / "local"
_KEPT = 6
_IN_USE = ".in-use"


class SynthesisFailed(Exception):
    """The template could not be written; the text is what `infra/app.py` said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """What a synthesis left behind: the template and the folders of its assets."""

    folder: Path
    template: Mapping[str, Any]

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the folder while functions run from it: `_forget_old` leaves it alone."""
        with (self.folder / _IN_USE).open("w") as mark:
            fcntl.flock(mark, fcntl.LOCK_SH)
            yield

    def asset(self, s3_key: str) -> Path:
        """The folder that would be uploaded under a key like `HASH.zip`."""
        return self.folder / f"asset.{s3_key.removesuffix('.zip')}"


def machine_context() -> dict[str, Any]:
    """What the layer must be built for to be imported on this machine."""
    arm = platform.machine().lower() in {"arm64", "aarch64"}
    return {
        "architecture": "arm64" if arm else "x86_64",
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }


def synthesize(context: Mapping[str, Any], functions_folder: Path) -> Assembly:
    """The assembly of `cdk.json` with `context` over it. Raises SynthesisFailed."""
    variables = {
        "CDK_CONTEXT_JSON": json.dumps({f"gatepost.{key}": value for key, value in context.items()}, sort_keys=True),
        "GATEPOST_FUNCTIONS_FOLDER": str(functions_folder),
    }
    folder = _CACHE / _digest(variables, functions_folder)
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "Gatepost.template.json").exists():
            _run(folder, variables)
            _forget_old()
        os.utime(folder)
    return Assembly(folder=folder, template=json.loads((folder / "Gatepost.template.json").read_text()))


def _run(folder: Path, variables: Mapping[str, str]) -> None:
    writing = folder.with_name(f"{folder.name}-part")
    shutil.rmtree(writing, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, str(ROOT / "infra" / "app.py")],
        env={**os.environ, **variables, "CDK_OUTDIR": str(writing)},
        check=False,
        capture_output=True,
        text=True,
        start_new_session=True,  # Ctrl-C is for us to answer
    )
    if done.returncode != 0:
        *before, last = done.stderr.strip().splitlines() or ["it said nothing"]
        more = " (`make synth` shows all of it)" if before else ""
        raise SynthesisFailed(f"{last}{more}")
    writing.rename(folder)


def _digest(variables: Mapping[str, str], functions_folder: Path) -> str:
    digest = hashlib.sha256(json.dumps(variables, sort_keys=True).encode())
    for root in (*(ROOT / name for name in _INPUTS), functions_folder):
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and "__pycache__" not in path.parts and not path.is_relative_to(ROOT / "infra" / "local"):
                digest.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:20]


def _forget_old() -> None:
    """Keep the last few: each holds a copy of the layer."""
    folders = sorted((each for each in _CACHE.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime)
    for folder in folders[:-_KEPT]:
        with (folder / _IN_USE).open("w") as mark, contextlib.suppress(BlockingIOError):
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
