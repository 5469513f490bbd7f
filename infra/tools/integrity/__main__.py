"""`make audit`: reads every table, and the logs about the audit list, and reports what is wrong; changes nothing."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.running import NothingRuns
from infra.tools.integrity.announcements import announced
from infra.tools.integrity.audit_list import SETTLED, Compared
from infra.tools.integrity.reading import Audit, audit
from infra.tools.operator.command import parser
from infra.tools.operator.target import NotPossible, Target, deployed_target, local_target


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 if clean, 1 with findings, 2 if the tables or logs can't be read."""
    known = parser("audit")
    known.add_argument("--days", type=int)
    options = known.parse_args(arguments)
    if options.days is not None and options.days < 1:
        known.error("DAYS is a number of days, 1 or more.")
    try:
        target = deployed_target(options.stage) if options.stage else local_target(options.port)
        found = audit(
            target.client("dynamodb"),
            target.tables,
            said=lambda: announced(target, now=time.time(), days=options.days),
            settled=SETTLED if target.stack else 0,  # lines of local functions can be read at once
        )
    except (NothingRuns, NotPossible) as error:
        print(error, file=sys.stderr)
        return 2
    except (BotoCoreError, ClientError) as error:
        print(f"The tables or logs can't be read: {error}", file=sys.stderr)
        return 2
    print(report(target, found))
    return 1 if found.findings else 0


def report(target: Target, found: Audit) -> str:
    """Return the text for the terminal."""
    read = ", ".join(f"{count} of {name}" for name, count in found.counts.items())
    lines = [f"{target.base_url}: {sum(found.counts.values())} items ({read})"]
    if found.audit_list:
        lines += _about(found.audit_list)
    lines += [f"{each.name}: {each.key}: {each.sentence}" for each in found.findings]
    lines.append(f"{len(found.findings)} findings" if found.findings else "clean")
    return "\n".join(lines)


def _about(done: Compared) -> list[str]:
    since = datetime.fromtimestamp(done.since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    older = f"; {done.older} older ones can't be" if done.older else ""
    compared = f"{done.entries} entries since {since} compared" if done.entries else "nothing yet to compare"
    lines = [f"audit list: {compared} with the functions' logs{older}"]
    lines += [
        f"written by an operator's command, as it says ({each.record.event}); no log has it: {each.key}"
        for each in done.by_hand
    ]
    return lines


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
