"""`make quick`: format, lint, types and unit tests of what changed since a commit (BASE=main; HEAD as it stands)."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

import grimp

ROOT = Path(__file__).resolve().parents[2]
_PACKAGE = PurePath("layers/gatepost/python")
_UNIT = PurePath("tests/unit")


def changed(base: str) -> Sequence[PurePath]:
    """Return the files that differ from a commit or that git does not know yet, without those that are gone."""
    lines = [*_git("diff", "--name-only", base), *_git("ls-files", "--others", "--exclude-standard")]
    return sorted({PurePath(line) for line in lines if Path(ROOT, line).is_file()})


def reached(files: Sequence[PurePath]) -> Sequence[PurePath]:
    """Return the unit tests to run: those of the rooms that a change is in, and of those that import what it changes.

    A changed test counts as itself, and what tests share as its whole folder.
    """
    found = {PurePath(path) for path in _changed_tests(files)}
    graph = grimp.build_graph("gatepost")
    for module in (_module(path) for path in files if path.is_relative_to(_PACKAGE) and path.suffix == ".py"):
        if module in graph.modules:
            found |= {_UNIT / room for room in map(_room, {module, *graph.find_modules_that_directly_import(module)})}
    existing = {path if Path(ROOT, path).exists() else _of_a_loose_module(path) for path in found}
    tests = {path for path in existing if Path(ROOT, path).exists()}
    return sorted(path for path in tests if not tests & set(path.parents))


def _changed_tests(files: Sequence[PurePath]) -> Iterator[PurePath]:
    for path in files:
        if path.is_relative_to(_UNIT):
            yield path if path.name.startswith("test_") else path.parent


def _module(path: PurePath) -> str:
    parts = path.relative_to(_PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def _of_a_loose_module(path: PurePath) -> PurePath:
    return path.with_name(f"test_{path.name}.py")


def _git(*words: str) -> Sequence[str]:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603, S607
    return done.stdout.splitlines()


def _checks(files: Sequence[PurePath]) -> Iterator[Sequence[str]]:
    python = [str(path) for path in files if path.suffix == ".py"]
    yield from (["ruff", "format", "--check", "."], ["ruff", "check", "."])
    if python:
        yield ["mypy", *python]
    if tests := reached(files):
        yield ["pytest", "-q", "--numprocesses", "auto", "-p", "no:cacheprovider", *map(str, tests)]


def main(base: str) -> int:
    """Run the checks one after the other; return the exit code of the first that fails."""
    began = time.monotonic()
    for name, *rest in _checks(changed(base)):
        print(f"{name} {' '.join(rest)}", flush=True)
        done = subprocess.run([sys.executable, "-m", name, *rest], cwd=ROOT, check=False)  # noqa: S603
        if done.returncode:
            return done.returncode
    print(f"Nothing found in {time.monotonic() - began:.0f} s. `make check` is what counts.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
