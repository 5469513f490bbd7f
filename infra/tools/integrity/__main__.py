"""`make audit`: reads every table and reports broken invariants; changes nothing."""

from __future__ import annotations

import sys

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.running import NothingRuns
from infra.tools.integrity.reading import Audit, audit
from infra.tools.operator.command import parser
from infra.tools.operator.target import NotPossible, Target, deployed_target, local_target


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 if clean, 1 with findings, 2 if the tables can't be read."""
    options = parser("audit").parse_args(arguments)
    try:
        target = deployed_target(options.stage) if options.stage else local_target(options.port)
        found = audit(target.client("dynamodb"), target.tables)
    except (NothingRuns, NotPossible) as error:
        print(error, file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"The tables can't be read: {error}", file=sys.stderr)
        return 2
    print(report(target, found))
    return 1 if found.findings else 0


def report(target: Target, found: Audit) -> str:
    """Return the text for the terminal."""
    read = ", ".join(f"{count} of {name}" for name, count in found.counts.items())
    lines = [f"{target.base_url}: {sum(found.counts.values())} items ({read})"]
    lines += [f"{each.name}: {each.key}: {each.sentence}" for each in found.findings]
    lines.append(f"{len(found.findings)} findings" if found.findings else "clean")
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
