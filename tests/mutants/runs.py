"""Runs tests on changed modules, in separate processes that start with the libraries imported."""

from __future__ import annotations

import ast
import gc
import importlib
import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType

import pytest

# What a mutant may change, or what imports it: every run imports these anew.
_OURS = frozenset({"gatepost", "gatepost_cdk", "infra", "tests", "functions", "conftest", "__main__", "__mp_main__"})
# The warning: what is imported before pytest begins has its asserts as they were written. None of it is a test.
_OPTIONS = (
    *("-x", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
_PAUSE = 0.02
_ROOT = Path(__file__).parents[2]
_LAYER = _ROOT / "layers" / "gatepost" / "python" / "gatepost"


def file_of(module: str) -> Path:
    """Return the file of a module below `gatepost`: `"grants.token_response"`."""
    file = _LAYER.joinpath(*module.split(".")).with_suffix(".py")
    return file if file.exists() else file.with_suffix("") / "__init__.py"


class _Loader(SourceFileLoader):
    """Loads a syntax tree in the place of a module below `gatepost`."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        super().__init__(f"gatepost.{module}", str(file_of(module)))
        self._tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self._tree, self.path, "exec")

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Find the changed module before anything else does."""
        if name != self.name:
            return None
        inside = [str(Path(self.path).parent)] if self.path.endswith("__init__.py") else None
        return spec_from_file_location(name, self.path, loader=self, submodule_search_locations=inside)


class Run:
    """Tests with a tree in the place of a module. When it has ended, `exit_code` is pytest's, -1 after its limit."""

    def __init__(self, module: str, tree: ast.Module | None, tests: Sequence[str], limit: float) -> None:
        """Take the `limit` in seconds; without a tree the module is as it is."""
        self._until = time.monotonic() + limit
        self.exit_code: int | None = None
        self._process = os.fork()
        if not self._process:
            os.setsid()
            if tree is not None:
                sys.meta_path.insert(0, _Loader(module, tree))
            os._exit(_tested(tests))

    @property
    def survived(self) -> bool:
        """Whether the tests passed. A run that hangs has noticed."""
        return self.exit_code == pytest.ExitCode.OK

    def look(self) -> bool:
        """Whether it has ended. A run that takes too long is killed."""
        done, status = os.waitpid(self._process, os.WNOHANG)
        if done:
            self.exit_code = os.waitstatus_to_exitcode(status)
        elif time.monotonic() > self._until:
            with suppress(ProcessLookupError):
                os.killpg(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
            self.exit_code = -1
        return self.exit_code is not None


def _tested(tests: Sequence[str]) -> int:
    """The exit code of pytest, whose output goes nowhere."""
    words = os.open(os.devnull, os.O_WRONLY)
    os.dup2(words, 1)
    os.dup2(words, 2)
    return int(pytest.main([*_OPTIONS, *dict.fromkeys(tests)]))


def import_libraries(tests: Sequence[str]) -> None:
    """Import the tests' third-party libraries, so that every run starts with them."""
    with tempfile.TemporaryFile("w+") as names:
        if not (process := os.fork()):
            _tested(tests)
            names.write("\n".join(sys.modules))
            names.flush()
            os._exit(0)
        os.waitpid(process, 0)
        names.seek(0)
        imported = names.read().splitlines()
    with warnings.catch_warnings(action="ignore"):
        for name in imported:
            if name.partition(".")[0] not in _OURS and name not in sys.modules:
                with suppress(ImportError):
                    importlib.import_module(name)
    gc.collect()
    gc.freeze()  # so that the processes share what was imported


def ended(running: list[Run]) -> Iterator[Run]:
    """Wait until one of the runs has ended, and yield every one that has."""
    while not (done := [each for each in running if each.look()]):
        time.sleep(_PAUSE)
    yield from done
