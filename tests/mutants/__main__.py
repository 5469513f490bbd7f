"""`make mutants MODULE=…`: removes every rule of a module once and lists the removals that no test noticed.

The tests are those that execute the changed line, of `tests/unit` and `tests/contract`, or others:
`BY=tests/security/lives`. Fails if a mutant survives. docs/reliability.md explains the accepted survivors.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence

from tests.commands import head, row, table
from tests.mutants.collected import Recorded, Tried, tried
from tests.mutants.modules import modules
from tests.mutants.operators import Mutant, mutants
from tests.mutants.runs import Loader, Run, exit_codes, file_of, import_libraries, tested_anew

_TESTS = ("tests/unit", "tests/contract")
_FIRST = 3  # files of tests, which notice most


def survivors(of: Tried) -> list[Mutant]:
    """Return the mutants of a module that no test notices; those that need a process of their own are tried now."""
    all_of_it = list(mutants(file_of(of.module).read_text("utf-8")))

    left = of.anew
    for files in filter(None, (of.files[:_FIRST], of.files[_FIRST:])):

        def start(at: int, files: Sequence[str] = files) -> Run:
            loader = Loader(of.module, all_of_it[at].tree)
            return Run(lambda: tested_anew(files, loader), of.limit)

        left = [at for at, code in exit_codes(left, start) if code == 0]
    return [all_of_it[at] for at in sorted({*of.survived, *left})]


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 if every mutant was noticed."""
    parser = argparse.ArgumentParser(prog="make mutants")
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--by", default="", help="tests in the place of tests/unit and tests/contract")
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.modules if name not in modules()]:
        print(f"No rules are known in {', '.join(unknown)}. There are: {', '.join(modules())}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:  # of what the tests write
        os.environ["TMPDIR"] = folder
        return _printed(chosen.modules or modules(), chosen.by.split() or _TESTS)


def _printed(names: Sequence[str], tests: Sequence[str]) -> int:
    total: Counter[str] = Counter()  # by room
    left: Counter[str] = Counter()
    for of in tried(names, tests):
        if isinstance(of, Recorded):
            import_libraries(of.imported)
            for name in sorted(of.failing):
                print(f"Fails without a change and is left out: {name}", flush=True)
            print(head("module", "mutants", "survived", "seconds", numbers=3), flush=True)
            began = time.monotonic()
            continue
        found = survivors(of)
        room = of.module.partition(".")[0]
        left[room] += len(found)
        total[room] += of.count
        if of.count:
            print(row(of.module, of.count, len(found), f"{time.monotonic() - began:.0f}"), flush=True)
        began = time.monotonic()
        for mutant in sorted(found, key=lambda each: each.line):
            print(f"  line {mutant.line}: {mutant}", flush=True)
    if not total.total():
        print(f"Nothing could be tried by {' '.join(tests)}", file=sys.stderr)
        return 1
    rows = [
        *((room, count, left[room]) for room, count in total.items() if count),
        ("all", total.total(), left.total()),
    ]
    print(f"\n{table('room', 'mutants', 'survived', rows=rows, numbers=2)}")
    return 1 if left.total() else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
