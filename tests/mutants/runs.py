"""Runs tests on changed modules, in a process of its own that begins with the libraries imported."""

from __future__ import annotations

import ast
import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import pytest

# What every test run imports and no mutant changes.
_LIBRARIES = ("boto3", "moto", "jwt", "bcrypt", "cryptography.hazmat.primitives.asymmetric.rsa", "jinja2")
_PAUSE = 0.02
_LAYER = Path(__file__).parents[2] / "layers" / "gatepost" / "python" / "gatepost"


@dataclass(frozen=True, slots=True)
class Changed:
    """A module below `gatepost`, and the syntax tree that takes its place."""

    module: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """As it is imported."""
        return f"gatepost.{self.module}"

    @property
    def file(self) -> Path:
        """Where it stands unchanged."""
        return file_of(self.module)


def file_of(module: str) -> Path:
    """The file of a module below `gatepost`, `"grants.answer"`."""
    file = _LAYER.joinpath(*module.split(".")).with_suffix(".py")
    return file if file.exists() else file.with_suffix("") / "__init__.py"


class _Loader(SourceFileLoader):
    """Loads a syntax tree in the place of a file."""

    def __init__(self, changed: Changed) -> None:
        super().__init__(changed.name, str(changed.file))
        self._tree = changed.tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self.path, "exec")


class _Finder:
    """Finds the changed modules before anything else does."""

    def __init__(self, changed: Sequence[Changed]) -> None:
        self._loaders = {each.name: _Loader(each) for each in changed}

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        loader = self._loaders.get(name)
        if loader is None:
            return None
        inside = [str(Path(loader.path).parent)] if loader.path.endswith("__init__.py") else None
        return spec_from_file_location(name, loader.path, loader=loader, submodule_search_locations=inside)


class Run:
    """Tests on changed modules. When it has ended, `exit_code` is that of pytest, -1 if it took too long."""

    def __init__(
        self, changed: Sequence[Changed], tests: Sequence[str], limit: float, *, told: str = os.devnull
    ) -> None:
        """`limit` in seconds; `told` is a file for pytest's words."""
        self._until = time.monotonic() + limit
        self.exit_code: int | None = None
        self._process = os.fork()
        if not self._process:
            os.setsid()
            sys.meta_path.insert(0, _Finder(changed))
            os._exit(_tested(tests, told))

    @property
    def survived(self) -> bool:
        """Whether the tests passed. A run that hangs has noticed."""
        return self.exit_code == pytest.ExitCode.OK

    def look(self) -> bool:
        """Whether it has ended. What takes too long is killed."""
        done, status = os.waitpid(self._process, os.WNOHANG)
        if done:
            self.exit_code = os.waitstatus_to_exitcode(status)
        elif time.monotonic() > self._until:
            with suppress(ProcessLookupError):
                os.killpg(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self.exit_code = -1
        return self.exit_code is not None


def _tested(tests: Sequence[str], told: str) -> int:
    """The exit code of pytest."""
    words = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(words, 1)
    os.dup2(words, 2)
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0", *dict.fromkeys(tests)]))


def import_libraries() -> None:
    """Once, before the first run."""
    for name in _LIBRARIES:
        importlib.import_module(name)


def ended(running: list[Run]) -> Iterator[Run]:
    """Wait until one of the runs has ended, and yield every one that has."""
    while not (done := [each for each in running if each.look()]):
        time.sleep(_PAUSE)
    yield from done
