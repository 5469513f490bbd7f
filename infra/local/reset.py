"""`make reset`: forget what `make run` kept for a port."""

from __future__ import annotations

import sys

from infra.local.arguments import Parser, port
from infra.local.state import FOLDER, StateRefused, forget


def main(arguments: list[str]) -> int:
    """Remove the state of a port, and return the exit code."""
    parser = Parser(prog="make reset", add_help=False)
    parser.add_argument("--port", type=port, default=8080)
    options = parser.parse_args(arguments)
    try:
        found = forget(FOLDER / str(options.port))
    except StateRefused as error:
        print(error, file=sys.stderr)
        return 1
    said = "was removed: `make run` starts over" if found else "holds nothing"
    print(f".gatepost/{options.port} {said}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
