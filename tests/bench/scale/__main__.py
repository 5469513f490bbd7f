"""`make scale`: writes the tables of docs/scale.md. `--measure` prints the section `measured` of given.toml."""

from __future__ import annotations

import os
import sys

from tests.bench.placed import placed
from tests.bench.scale.document import DOCUMENT, made
from tests.bench.scale.measure import lines


def main() -> None:
    """Run the command; standard output goes to the terminal, and nowhere for the functions' logs."""
    terminal = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if "--measure" in sys.argv:
        for line in lines():
            print(line, file=terminal)
        return
    parts = made()
    DOCUMENT.write_text(placed(DOCUMENT.read_text(), parts, command="make scale"))
    for name, table in parts.items():
        print(f"{name}\n\n{table}\n", file=terminal)


if __name__ == "__main__":
    main()
