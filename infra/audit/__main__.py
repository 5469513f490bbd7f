"""`python -m infra.audit`: what `make audit` starts. Reads every table and says what is wrong; changes nothing."""

from __future__ import annotations

import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.audit.reading import Audit, audit
from infra.audit.target import NoTarget, Target, local_target, stack_target
from infra.local.arguments import Parser, port
from infra.local.running import NothingRuns


def main(arguments: list[str]) -> int:
    """The exit code: 0 if nothing is wrong, 1 with findings, 2 if the tables can't be read."""
    parser = Parser(prog="make audit", add_help=False)
    parser.add_argument("--port", type=port, default=8080)
    parser.add_argument("--stage", default="")
    options = parser.parse_args(arguments)
    try:
        target = stack_target(options.stage) if options.stage else local_target(options.port)
        found = audit(target.client, target.tables)
    except (NothingRuns, NoTarget) as error:
        print(error, file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"The tables can't be read: {error}", file=sys.stderr)
        return 2
    print(report(target, found))
    return 1 if found.findings else 0


def report(target: Target, found: Audit) -> str:
    """What is said on the terminal."""
    read = ", ".join(f"{count} of {name}" for name, count in found.counts.items())
    lines = [f"{target.name}: {sum(found.counts.values())} items ({read})"]
    lines += [f"{each.name}: {each.key}: {each.sentence}" for each in found.findings]
    lines.append(f"{len(found.findings)} findings" if found.findings else "clean")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
