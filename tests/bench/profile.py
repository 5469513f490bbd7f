"""The CPU time of an operation by package and module: `python -m tests.bench.profile [OPERATION]`.

A profiler makes Python calls slower relative to C, so only the order and the rough proportions are reliable.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import sys
from collections import defaultdict
from pathlib import Path

from tests.bench.deployed import Deployed
from tests.bench.loopback import service
from tests.bench.operations import operations
from tests.bench.warm import work

_COUNT = 2000
_PACKAGES = {"jwt", "cryptography", "aws_lambda_powertools", "logging", "json", "gatepost"}


def main() -> None:
    """Print, for each operation whose name begins like the argument, the part of each module."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    terminal = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    deployed = Deployed("ES256")
    with service(deployed.items, deployed.secrets) as endpoint:
        for operation in operations(deployed):
            if operation.name.startswith(wanted):
                deployed.use(client="own", endpoint=endpoint, caller=deployed.items)
                call = work(deployed.handler(operation.function), operation)
                call()
                with cProfile.Profile() as profile:
                    for _ in range(_COUNT):
                        call()
                print(f"\n{operation.name}", file=terminal)
                for name, seconds in parts(pstats.Stats(profile)):
                    print(f"{seconds / _COUNT * 1e6:8.1f} µs  {name}", file=terminal)


def parts(stats: pstats.Stats) -> list[tuple[str, float]]:
    """Return the seconds by package, ours by module; C code counts for its caller."""
    taken: dict[str, float] = defaultdict(float)
    for (file, _, _), (_, _, own, _, callers) in stats.stats.items():  # type: ignore[attr-defined]
        if file == "~":
            for (caller, _, _), (_, _, of_caller, _) in callers.items():
                taken[_name(caller)] += of_caller
        else:
            taken[_name(file)] += own
    return sorted(((name, seconds) for name, seconds in taken.items()), key=lambda part: -part[1])[:14]


def _name(file: str) -> str:
    path = Path(file)
    if "tests/bench" in file:
        return "(the bench's dictionary)"
    found = [part for part in path.parts if part in _PACKAGES]
    if "gatepost" in found:
        return ".".join(path.with_suffix("").parts[len(path.parts) - 1 - path.parts[::-1].index("gatepost") :])
    return found[0] if found else path.stem


if __name__ == "__main__":
    main()
