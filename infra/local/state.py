"""State that `make run` keeps between runs: the local AWS, the demo's facts and ports, in a folder for each port."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

from infra.configuration.context import ROOT
from infra.local.apigateway.front import ID_HEADER, Front, PortBusy
from infra.local.aws.cloud import Cloud
from infra.local.aws.made_stack import DeploymentFailed
from infra.local.aws.rotation import schedules

FOLDER = ROOT / ".gatepost"

_FORMAT = 1
_FACTS = "state.json"
_KEEPING = ("AWS::DynamoDB::Table", "AWS::SecretsManager::Secret")
_REPLACING = ("KeySchema", "Name")  # a change of these makes CloudFormation replace the table or the secret


class StateRefused(Exception):
    """The state is in use, newer than this program, or damaged; the text is for people."""


@dataclass(slots=True, kw_only=True)
class State:
    """A folder that is locked until the block of `opened` ends.

    `saved` is the folder for the local AWS of this run; `restored` that of the last one, None at the first. What this
    run saves becomes the state by `commit`: a run that fails before it changes nothing.
    """

    folder: Path
    base_port: int
    restored: Path | None = None
    saved: Path
    ports: dict[str, int] = field(default_factory=dict)
    demo: Mapping[str, Any] = field(default_factory=dict)
    keys: Mapping[str, Any] = field(default_factory=dict)  # what an update must leave as it is: see `_keys`
    schedules: Mapping[str, Any] = field(default_factory=dict)  # of rotations, by logical ids

    @classmethod
    @contextlib.contextmanager
    def opened(cls, folder: Path, base_port: int) -> Iterator[Self]:
        """Lock the folder and read it; one that is new is removed if nothing is committed. Raises StateRefused."""
        is_new = not folder.exists()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(folder), _removed(folder) if is_new else contextlib.nullcontext():
            known = _read(folder)
            last = folder / known["services"] if known else None
            _forget_all_but(folder, last)
            number = int(last.name) + 1 if last else 1
            yield cls(
                folder=folder,
                base_port=base_port,
                restored=last,
                saved=folder / str(number),
                ports=dict(known.get("ports", {})),
                demo=known.get("demo", {}),
                keys=known.get("keys", {}),
                schedules=known.get("schedules", {}),
            )

    def front(self, name: str, *, id_header: str = ID_HEADER) -> Front:
        """Return a server for `name` on the port that it had, at first one of those beside `make run`'s.

        Raises PortBusy.
        """
        if name in self.ports:
            try:
                return Front(self.ports[name], id_header=id_header)
            except PortBusy as error:
                raise PortBusy(
                    f"Port {self.ports[name]}, which {name} had, is in use by another program: "
                    "stop that, or start over with `make reset`."
                ) from error
        try:
            front = Front(self.base_port + 1 + len(self.ports), id_header=id_header)
        except (PortBusy, OverflowError):
            front = Front(0, id_header=id_header)
        self.ports[name] = front.port
        return front

    def cloud(self, folder: Path, template: Mapping[str, Any]) -> Cloud:
        """Start the local AWS where the last run left it; its other files are in `folder`.

        Raises DeploymentFailed if an update to this template would replace a table or a secret.
        """
        wanted = _keys(template)
        for name, key in self.keys.items():
            if wanted.get(name) != key:
                raise DeploymentFailed(
                    f"This template would replace {name}, and what is kept in it would be lost. Go back to the version "
                    "before, or start over with `make reset`."
                )
        return Cloud(folder, restored=self.restored, saved=self.saved)

    def commit(self, template: Mapping[str, Any], demo: Mapping[str, Any]) -> None:
        """Make what the local AWS saved the state."""
        self.keys, self.schedules, self.demo = _keys(template), schedules(template), demo
        facts = {
            "format": _FORMAT,
            "ministack": version("ministack"),
            "services": self.saved.name,
            "files": sorted(path.name for path in self.saved.glob("*.json")),
            "ports": self.ports,
            "keys": self.keys,
            "schedules": self.schedules,
            "demo": self.demo,
        }
        path = self.folder / f"{_FACTS}.part"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(facts, indent=2) + "\n")
        path.replace(self.folder / _FACTS)
        _forget_all_but(self.folder, self.saved)
        self.restored = self.saved


def forget(folder: Path) -> bool:
    """Remove a state, and return False if there is none. Raises StateRefused while it is in use."""
    if not folder.exists():
        return False
    with _locked(folder):
        shutil.rmtree(folder)
    return True


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateRefused(
                f"Another `make run` uses the state in {_shown(folder)}: stop it, or choose another port with PORT=..."
            ) from error
        yield


@contextlib.contextmanager
def _removed(folder: Path) -> Iterator[None]:
    """Remove a folder at the end, unless it has become a state."""
    try:
        yield
    finally:
        if not (folder / _FACTS).exists():
            shutil.rmtree(folder)


def _read(folder: Path) -> Mapping[str, Any]:
    """Return what `commit` wrote, or nothing at the first run. Raises StateRefused."""
    path = folder / _FACTS
    if not path.exists():
        return {}
    try:
        known: Mapping[str, Any] = json.loads(path.read_text())
        form, written_by = int(known["format"]), known["ministack"]
        damaged = not known["files"]
        for name in known["files"]:
            json.loads((folder / known["services"] / name).read_text())
    except (OSError, ValueError, KeyError, TypeError):
        form, written_by, damaged = _FORMAT, version("ministack"), True
    if form > _FORMAT or _number(written_by) > _number(version("ministack")):
        raise StateRefused(
            f"The state in {_shown(folder)} was written by a newer version of Gatepost: go back to that, "
            "or start over with `make reset`."
        )
    if damaged:
        raise StateRefused(f"The state in {_shown(folder)} is damaged. `make reset` removes it.")
    return known


def _forget_all_but(folder: Path, kept: Path | None) -> None:
    """Remove the services of other runs."""
    for each in folder.iterdir():
        if each.is_dir() and each != kept:
            shutil.rmtree(each)


def _keys(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return by logical ids of tables and secrets the properties that an update must leave as they are."""
    resources = {name: each for name, each in template["Resources"].items() if each["Type"] in _KEEPING}
    return {
        name: {said: value for said, value in each["Properties"].items() if said in _REPLACING}
        for name, each in resources.items()
    }


def _number(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def _shown(folder: Path) -> str:
    return os.path.relpath(folder)
