"""`make mutants MODULE=…`: removes every rule of a module once and lists the removals that no test noticed.

The tests are those of the module in `modules.py`, or others: `BY=tests/security/lives`. Fails if a mutant survives.
docs/reliability.md explains the accepted survivors.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence

from tests.commands import head, row
from tests.mutants.modules import MODULES
from tests.mutants.operators import Mutant, mutants
from tests.mutants.runs import Run, ended, file_of, import_libraries

_LONGEST = 120.0  # seconds for the tests of an unchanged module


class TestsFail(Exception):
    """The tests of a module fail without a change, so that they prove nothing."""


def survivors(module: str, tests: Sequence[str]) -> Iterator[Mutant | None]:
    """For every mutant of a module None if a test noticed, else the mutant. Raises TestsFail."""
    source = file_of(module).read_text("utf-8")
    import_libraries(tests)
    began = time.monotonic()
    unchanged = Run(module, None, tests, _LONGEST)
    list(ended([unchanged]))
    if not unchanged.survived:
        raise TestsFail(f"The tests of {module} fail without a change: {' '.join(tests)}")
    limit = 10 + 5 * (time.monotonic() - began)
    running: dict[Run, Mutant] = {}
    for mutant in mutants(source):
        running[Run(module, mutant.tree, tests, limit)] = mutant
        while len(running) >= (os.cpu_count() or 1):
            yield from _ended(running)
    while running:
        yield from _ended(running)


def _ended(running: dict[Run, Mutant]) -> Iterator[Mutant | None]:
    for run in ended(list(running)):
        mutant = running.pop(run)
        yield mutant if run.survived else None


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 if every mutant was noticed."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--by", default="", help="tests in the place of those of the module")
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.modules if name not in MODULES]:
        print(f"No rules are known in {', '.join(unknown)}. There are: {', '.join(MODULES)}", file=sys.stderr)
        return 2
    left = 0
    print(head("module", "mutants", "survived", "seconds", numbers=3), flush=True)
    for module in chosen.modules or MODULES:
        began = time.monotonic()
        try:
            all_of_it = list(survivors(module, chosen.by.split() or MODULES[module]))
        except TestsFail as error:
            print(error, file=sys.stderr)
            return 1
        found = sorted((each for each in all_of_it if each), key=lambda each: each.line)
        left += len(found)
        print(row(module, len(all_of_it), len(found), f"{time.monotonic() - began:.0f}"), flush=True)
        for mutant in found:
            print(f"  line {mutant.line}: {mutant}", flush=True)
    return 1 if left else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
