"""`make bench`: measures, prints, writes `.bench/bench.json` and `imports.txt` there. `--quick` takes fewer rounds."""

from __future__ import annotations

import json
import os
import sys
from contextlib import ExitStack
from dataclasses import asdict

from infra.configuration.context import ROOT
from infra.stack.function_table import FUNCTIONS
from tests.bench.cold import RUNS, starts
from tests.bench.deployed import Deployed
from tests.bench.document import tables
from tests.bench.imports import tree
from tests.bench.loopback import service
from tests.bench.raw import raw_limits
from tests.bench.steps import stepped
from tests.bench.targets import targets
from tests.bench.transports import ways
from tests.bench.warm import ALGORITHMS, all_measured, signature_within


def main() -> None:
    """Run the bench; standard output goes to the terminal for the report, and nowhere for the functions' logs."""
    quick = "--quick" in sys.argv
    terminal = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # written, as on Lambda, but not shown
    with ExitStack() as running:
        places = {}
        for algorithm in ALGORITHMS:
            deployed = Deployed(algorithm)
            places[algorithm] = deployed, running.enter_context(service(deployed.items, deployed.secrets))
        rounds = 3 if quick else 7
        raw = dict(raw_limits())
        raw["ES256 sign, within a request"] = signature_within(*places["ES256"], rounds=rounds)
        transports = dict(ways(*places["ES256"], rounds=rounds))
        measured = list(all_measured(places, rounds=rounds))
        features = stepped(*places["ES256"])
        begun = list(starts(*places["ES256"], runs=2 if quick else RUNS))
    trees = {spec.name: tree(spec.name, runs=2 if quick else RUNS) for spec in FUNCTIONS}
    document = {
        "raw": {name: asdict(cost) for name, cost in raw.items()},
        "transports": {name: asdict(cost) for name, cost in transports.items()},
        "operations": [asdict(each) for each in measured],
        "features": features,
        "imports": trees,
        "starts": [asdict(each) for each in begun],
        "targets": [asdict(each) for each in targets(raw, measured, begun)],
    }
    for table in tables(document).values():
        print(f"{table}\n", file=terminal)
    folder = ROOT / ".bench"
    folder.mkdir(exist_ok=True)
    (folder / "bench.json").write_text(json.dumps(document, indent=1) + "\n")
    (folder / "imports.txt").write_text("\n\n".join("\n".join([name, *lines]) for name, lines in trees.items()) + "\n")
    for name in ("bench.json", "imports.txt"):
        print((folder / name).relative_to(ROOT), file=terminal)


if __name__ == "__main__":
    main()
